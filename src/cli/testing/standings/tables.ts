import { CONNECTS } from './connects.ts';
import { FLINK_DEPLOYMENTS } from './flink-deployments.ts';
import { SCHEDULES } from './schedules.ts';
import { SESSION_JOBS } from './session-jobs.ts';
import { SNAPSHOTS } from './snapshots.ts';
import { SPARK_APPLICATIONS } from './spark-applications.ts';
import type { Table } from './standing.ts';

/** Every kind in every state it comes through. */
export const TABLES: readonly Table[] = [
  FLINK_DEPLOYMENTS,
  SESSION_JOBS,
  SNAPSHOTS,
  SPARK_APPLICATIONS,
  SCHEDULES,
  CONNECTS,
];

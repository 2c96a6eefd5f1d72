import type { ProcessAnswer } from '../process.ts';
import type { JobGraph } from './graph.ts';
import type { Installation } from './installation.ts';
import type { JobMaster } from './job-master.ts';
import type { FlinkWorld } from './world.ts';

/** What REST answers from. */
export interface RestParts {
  readonly world: FlinkWorld;
  readonly home: Installation;
  readonly jobs: ReadonlyMap<string, JobMaster>;
  now(): number;
  /** Never calls back once the process has ended. */
  after(delayMs: number, callback: () => void): void;
  /** Takes a job; false for an id that is known. Throws KubeError. Undefined where no jobs can be submitted. */
  readonly accept: ((graph: JobGraph) => boolean) | undefined;
}

/** One request, taken apart. */
export interface Call {
  /** The job's id, or the trigger id where the path names no job. */
  readonly id: string;
  /** The second id in the path. */
  readonly sub: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

/** 200 with a body. */
export function ok(body: unknown): ProcessAnswer {
  return { status: 200, body };
}

/** A refusal in the words of a RestHandlerException. */
export function refused(status: number, error: string): ProcessAnswer {
  return { status, body: { errors: [`org.apache.flink.runtime.rest.handler.RestHandlerException: ${error}`] } };
}

/** A job this JobManager does not know. */
export function noJob(id: string): ProcessAnswer {
  return { status: 404, body: { errors: [`org.apache.flink.runtime.rest.NotFoundException: Job ${id} not found`] } };
}

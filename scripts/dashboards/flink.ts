import type { Dashboard, Query, Row } from './panels.ts';
import { ALL, CHOSEN, lines, spread, stat, table } from './queries.ts';

const JOBS = 'kind=~"FlinkDeployment|FlinkSessionJob"';
const by = (label: string, histogram: string): readonly Query[] =>
  [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le, ${label}) (rate(${histogram}_bucket{${ALL}}[$__rate_interval])))`,
    legend: `p${quantile * 100} {{${label}}}`,
  }));

const now: Row = {
  title: 'Now',
  panels: [
    stat('Running', 'Jobs that Flink says are running.', `sum(weir_flink_job_state{${CHOSEN},state="RUNNING"})`),
    stat(
      'Changing',
      'Being started, upgraded or rolled back.',
      `sum(weir_resources{${CHOSEN},${JOBS},state=~"UPGRADING|DEPLOYED|ROLLING_BACK"})`,
    ),
    stat('Suspended', 'Suspended by their owners.', `sum(weir_resources{${CHOSEN},${JOBS},state="SUSPENDED"})`),
    stat('Failed', 'Failed for good.', `sum(weir_resources{${CHOSEN},${JOBS},state="FAILED"})`),
    stat('Rolled back', 'The newest spec failed.', `sum(weir_resources{${CHOSEN},${JOBS},state="ROLLED_BACK"})`),
  ],
};

const attention: Row = {
  title: 'Not as asked',
  panels: [
    table('Not ready', 'Resources whose condition Ready is not True, with its reason.', [
      { expr: `weir_resource_not_ready{${CHOSEN},kind=~"Flink.*"} == 1`, legend: '' },
    ]),
    table('Silent JobManagers', 'Those that have not answered for more than a minute.', [
      { expr: `weir_job_last_answer_age_seconds{${CHOSEN}}`, legend: '' },
    ]),
  ],
};

const states: Row = {
  title: 'States',
  panels: [
    lines('Resources by lifecycle state', 'FlinkDeployments and FlinkSessionJobs.', 'short', [
      { expr: `sum by (kind, state) (weir_resources{${CHOSEN},${JOBS}})`, legend: '{{kind}} {{state}}' },
    ]),
    lines('Jobs by state', 'As Flink tells it.', 'short', [
      { expr: `sum by (state) (weir_flink_job_state{${CHOSEN}}) > 0`, legend: '{{state}}' },
    ]),
    lines('Changes of state', 'A second, in all namespaces; RESTARTING is a restart by Flink.', 'ops', [
      {
        expr: `sum by (state) (rate(weir_flink_job_state_changes_total{${ALL}}[$__rate_interval]))`,
        legend: '{{state}}',
      },
    ]),
    lines('Snapshots by state', 'FlinkStateSnapshots.', 'short', [
      { expr: `sum by (state) (weir_resources{${CHOSEN},kind="FlinkStateSnapshot"})`, legend: '{{state}}' },
    ]),
  ],
};

const durations: Row = {
  title: 'How long changes take, in all namespaces',
  panels: [
    lines('Until it runs, by cause', 'From when a job did not run any more, or from creation.', 's', [
      ...by('change', 'weir_flink_change_duration_seconds'),
    ]),
    lines('The same, by what it starts from', 'A savepoint is read whole, a last state mostly is not.', 's', [
      ...by('mode', 'weir_flink_change_duration_seconds'),
    ]),
    lines('Phases', 'Being stopped, being started, restarted by Flink, suspended.', 's', [
      ...by('phase', 'weir_flink_phase_duration_seconds'),
    ]),
  ],
};

const freshness: Row = {
  title: 'How fresh it is',
  panels: [
    lines('Age of the last answer', 'Of the JobManager that has been silent for longest, in all namespaces.', 's', [
      { expr: `max by (controller) (weir_job_oldest_answer_age_seconds{${ALL}})`, legend: '{{controller}}' },
    ]),
    lines(
      'Age of the newest checkpoint',
      'Of the ten jobs whose newest one is oldest: what a failure would repeat.',
      's',
      [
        {
          expr: `topk(10, max by (namespace, name) (time() - weir_flink_last_checkpoint_timestamp_seconds{${CHOSEN}}))`,
          legend: '{{namespace}}/{{name}}',
        },
      ],
    ),
    lines('Until the status tells of a change', 'From when Weir saw it, in all namespaces.', 's', [
      ...spread('weir_status_delay_seconds', `${ALL},controller=~"flink.*"`),
    ]),
    lines('Resources without series of their own', 'More than the option --metrics-max-resources allows.', 'short', [
      { expr: `max by (kind) (weir_resource_series_omitted{${ALL}})`, legend: '{{kind}}' },
    ]),
  ],
};

/** Flink's resources: which state they are in, what is wrong with them, how long changes take. */
export const flinkDashboard: Dashboard = {
  uid: 'weir-flink',
  title: 'Weir / Flink jobs',
  description:
    'States of Flink resources, those that need attention, and how long starts, upgrades and recoveries take.',
  chosenBy: 'weir_resources',
  rows: [now, attention, states, durations, freshness],
};

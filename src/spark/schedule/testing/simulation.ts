import type { Reader } from '../../../core/ports.ts';
import { FakeApi } from '../../../core/testing/fake-api.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { SparkApplicationStatus } from '../../schema.ts';
import { type Disturbance, endStateOf, FakeOperator } from '../../testing/operator.ts';
import { decideSchedule } from '../decide.ts';
import { observeSchedule } from '../observe.ts';
import { SCHEDULE_KIND } from '../schema.ts';
import { scheduleSituation } from '../situation.ts';

/** Length of a round of virtual time. */
const ROUND_MS = 5000;

const SETTINGS = { precision: 'minutes', localTimeZone: 'UTC', batch: undefined } as const;

/** One operator, one ScheduledSparkApplication, and runs that take their time, in virtual time. */
export class ScheduleSimulation {
  readonly api = new FakeApi();
  /** Names of the runs that were made, in order. */
  readonly made: string[] = [];
  /** Every time two runs were under way at once, in words. */
  readonly overlaps: string[] = [];
  private readonly operator: FakeOperator;
  private readonly runMs: number;
  private readonly startedMs = new Map<string, number>();
  private nowMs = Date.parse('2026-01-01T00:00:30Z');

  /** Each run takes `runMs`. */
  constructor(runMs: number, disturbance: Disturbance = {}) {
    this.runMs = runMs;
    this.api.now = () => new Date(this.nowMs);
    const plan = (resource: KubeObject, read: Reader, now: Date) =>
      decideSchedule(scheduleSituation(resource, observeSchedule(resource, read), SETTINGS, now));
    this.operator = new FakeOperator(this.api, { kind: SCHEDULE_KIND, plan }, disturbance);
  }

  get events(): FakeOperator['events'] {
    return this.operator.events;
  }

  schedule(): KubeObject | undefined {
    return this.api.all(SCHEDULE_KIND.kind)[0];
  }

  /** Lets time pass until the clock shows `time` (hh:mm:ss of that day). */
  async until(time: string): Promise<void> {
    const endMs = Date.parse(`2026-01-01T${time}Z`);
    while (this.nowMs < endMs) await this.round();
  }

  private async round(): Promise<void> {
    this.nowMs += ROUND_MS;
    this.api.collectGarbage(new Date(this.nowMs));
    for (const run of this.api.all('SparkApplication')) this.advance(run);
    const running = this.api.all('SparkApplication').filter((run) => stateOf(run) === 'RUNNING');
    if (running.length > 1) this.overlaps.push(running.map(({ metadata }) => metadata.name).join(' and '));
    await this.operator.round(this.nowMs);
  }

  /** What the controller of SparkApplications and the driver would do. */
  private advance(run: KubeObject): void {
    const { uid = '', name } = run.metadata;
    const started = this.startedMs.get(uid);
    if (started === undefined) {
      this.startedMs.set(uid, this.nowMs);
      this.made.push(name);
      const creationTimestamp = new Date(this.nowMs).toISOString();
      this.setState({ ...run, metadata: { ...run.metadata, creationTimestamp } }, 'RUNNING');
    } else if (stateOf(run) === 'RUNNING' && this.nowMs - started >= this.runMs) this.setState(run, 'COMPLETED');
  }

  private setState(run: KubeObject, state: string): void {
    this.api.put({ ...run, status: { applicationState: { state } } });
  }

  /** Everything there is, without what rightly differs between two runs. */
  endState(): unknown {
    return endStateOf(this.api);
  }
}

function stateOf({ status }: KubeObject): string | undefined {
  return (status as SparkApplicationStatus | undefined)?.applicationState?.state;
}

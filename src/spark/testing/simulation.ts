import type { EventDraft } from '../../core/plan.ts';
import { FakeApi } from '../../core/testing/fake-api.ts';
import type { KubeObject } from '../../kube/object.ts';
import { decide } from '../decide.ts';
import { observe } from '../observe.ts';
import { SPARK_APPLICATION_KIND, type SparkApplicationStatus } from '../schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from '../settings.ts';
import { situationOf } from '../situation.ts';
import { type Disturbance, endStateOf, FakeOperator } from './operator.ts';
import { SparkWorld } from './world.ts';

export type { Disturbance } from './operator.ts';

/** Length of a round of virtual time. */
const ROUND_MS = 1000;
/** Rounds without a change after which nothing more is expected: longer than any wait of the tests. */
const QUIET = 40;

/** One operator, one SparkApplication and the world around them, in virtual time. */
export class Simulation {
  readonly api = new FakeApi();
  readonly world: SparkWorld;
  /** Every time two drivers ran at once, in words. */
  readonly overlaps: string[] = [];
  private readonly operator: FakeOperator;
  private nowMs = Date.parse('2026-01-01T00:00:00Z');

  constructor(exitCodes: readonly number[], disturbance: Disturbance = {}, settings: SparkSettings = DEFAULT_SETTINGS) {
    this.world = new SparkWorld(this.api, exitCodes, 20 * ROUND_MS);
    this.api.now = () => this.now();
    const decider = {
      kind: SPARK_APPLICATION_KIND,
      plan: (resource: KubeObject, read: Parameters<typeof observe>[1], now: Date) =>
        decide(situationOf(resource, observe(resource, read), now, settings)),
    };
    this.operator = new FakeOperator(this.api, decider, disturbance);
  }

  get events(): readonly EventDraft[] {
    return this.operator.events;
  }

  now(): Date {
    return new Date(this.nowMs);
  }

  application(): KubeObject | undefined {
    return this.api.all('SparkApplication')[0];
  }

  status(): SparkApplicationStatus {
    return (this.application()?.status ?? {}) as SparkApplicationStatus;
  }

  /** Runs until the application is in a state; throws if that does not happen. */
  async until(state: string): Promise<void> {
    for (let i = 0; i < 200; i++) {
      if (this.status().applicationState?.state === state) return;
      await this.round();
    }
    throw new Error(`is never ${state}:\n${this.api.log.slice(-20).join('\n')}`);
  }

  /** Runs until nothing changes any more; throws if that does not happen. */
  async settle(): Promise<void> {
    let quiet = 0;
    for (let i = 0; i < 600 && quiet < QUIET; i++) {
      const before = this.api.revision;
      await this.round();
      quiet = this.api.revision === before ? quiet + 1 : 0;
    }
    if (quiet < QUIET) throw new Error(`does not come to rest:\n${this.api.log.slice(-20).join('\n')}`);
  }

  private async round(): Promise<void> {
    this.nowMs += ROUND_MS;
    this.world.round(this.now());
    const running = this.world.running();
    if (running.length > 1) this.overlaps.push(running.map(({ submissionId }) => submissionId).join(' and '));
    await this.operator.round(this.nowMs);
  }

  /** Everything there is, without what rightly differs between two runs. */
  endState(): unknown {
    return endStateOf(this.api);
  }
}

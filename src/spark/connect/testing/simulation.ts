import type { Reader } from '../../../core/ports.ts';
import { FakeApi } from '../../../core/testing/fake-api.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { type Disturbance, endStateOf, FakeOperator } from '../../testing/operator.ts';
import { SparkWorld } from '../../testing/world.ts';
import { decideConnect } from '../decide.ts';
import { observeConnect } from '../observe.ts';
import { SPARK_CONNECT_KIND, type SparkConnectStatus } from '../schema.ts';
import { connectSituation } from '../situation.ts';

const ROUND_MS = 1000;
/** Rounds without a change after which nothing more is expected: longer than any wait of the tests. */
const QUIET = 40;

/** One operator, one SparkConnect and the world around them, in virtual time. */
export class ConnectSimulation {
  readonly api = new FakeApi();
  readonly world: SparkWorld;
  /** Every time two servers ran at once, in words. */
  readonly overlaps: string[] = [];
  private readonly operator: FakeOperator;
  private nowMs = Date.parse('2026-01-01T00:00:00Z');

  /** Each server runs for `runMs` and ends with the exit code of its turn. */
  constructor(server: { readonly runMs: number; readonly exits: readonly number[] }, disturbance: Disturbance = {}) {
    this.world = new SparkWorld(this.api, server.exits, server.runMs);
    this.api.now = () => this.now();
    const plan = (resource: KubeObject, read: Reader, now: Date) =>
      decideConnect(connectSituation(resource, observeConnect(resource, read), now));
    this.operator = new FakeOperator(this.api, { kind: SPARK_CONNECT_KIND, plan }, disturbance);
  }

  get events(): FakeOperator['events'] {
    return this.operator.events;
  }

  now(): Date {
    return new Date(this.nowMs);
  }

  connect(): KubeObject | undefined {
    return this.api.all(SPARK_CONNECT_KIND.kind)[0];
  }

  status(): SparkConnectStatus {
    return (this.connect()?.status ?? {}) as SparkConnectStatus;
  }

  /** Runs until it is in a state; throws if that does not happen. */
  async until(state: string): Promise<void> {
    for (let i = 0; i < 200; i++) {
      if (this.status().state === state) return;
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

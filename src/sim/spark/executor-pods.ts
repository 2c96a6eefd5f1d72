import { isBeingDeleted, type KubeObject, ownerReference, refOf } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { Surroundings } from '../process.ts';
import type { Installation } from './installation.ts';
import type { SparkWorld } from './world.ts';

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;

const LABEL = 'spark.kubernetes.executor.label.';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The part of a driver that makes its executor pods (ExecutorPodsAllocator with the direct allocator, Spark 3.5): as many
 * as asked for, made again in the next round when one is lost, deleted when they have ended. They belong to the driver's pod.
 */
export class ExecutorPods {
  private readonly world: SparkWorld;
  private readonly home: Installation;
  private readonly around: Surroundings;
  private readonly driver: KubeObject;
  /** Told when more executors have failed than may (spark.executor.maxNumFailures). */
  private readonly tooManyFailed: () => void;
  private readonly ended = new Set<string>();
  private readonly unwatch: () => void;
  private made = 0;
  private failures = 0;
  private stopped = false;

  constructor(parts: {
    readonly world: SparkWorld;
    readonly home: Installation;
    readonly around: Surroundings;
    readonly driver: KubeObject;
    readonly tooManyFailed: () => void;
  }) {
    this.world = parts.world;
    this.home = parts.home;
    this.around = parts.around;
    this.driver = parts.driver;
    this.tooManyFailed = parts.tooManyFailed;
    this.unwatch = this.around.kube.watch(POD, this.home.namespace, ({ type, object }) => {
      if (!this.isOwn(object)) return;
      if (type === 'DELETED') this.nextRound();
      else if (hasEnded(object)) this.settle(object);
    });
    this.provide();
  }

  /** spark.executor.instances. */
  get wanted(): number {
    return Number(this.home.properties.get('spark.executor.instances') ?? 2);
  }

  /** No more pods are made; those there are, and the Services of the application, are deleted where the API server lets it. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.unwatch();
    const labels = { 'spark-app-selector': this.home.applicationId };
    this.attempt(() => {
      for (const service of this.around.kube.list({ apiVersion: 'v1', kind: 'Service' }, this.home.namespace, labels)) {
        this.around.kube.delete(refOf(service));
      }
      for (const pod of this.pods()) if (!isBeingDeleted(pod)) this.around.kube.delete(refOf(pod));
    });
  }

  private nextRound(): void {
    this.around.after(this.world.timing.allocation, () => this.provide());
  }

  private provide(): void {
    if (this.stopped) return;
    const done = this.attempt(() => {
      const alive = this.pods().filter((pod) => !hasEnded(pod) && !isBeingDeleted(pod));
      for (let missing = this.wanted - alive.length; missing > 0; missing--) this.createPod();
    });
    if (!done) this.nextRound();
  }

  /** An executor has ended: counted once, its pod deleted, another one made. */
  private settle(pod: KubeObject): void {
    const { uid = '' } = pod.metadata;
    if (this.stopped || this.ended.has(uid)) return;
    this.ended.add(uid);
    if ((pod.status as Fields).phase === 'Failed') this.failures += 1;
    if (this.failures > Math.max(3, 2 * this.wanted)) this.tooManyFailed();
    this.around.after(0, () => this.attempt(() => this.around.kube.delete(refOf(pod))));
    this.nextRound();
  }

  private pods(): readonly KubeObject[] {
    const labels = { 'spark-app-selector': this.home.applicationId, 'spark-role': 'executor' };
    return this.around.kube.list(POD, this.home.namespace, labels);
  }

  private isOwn({ metadata }: KubeObject): boolean {
    const { 'spark-app-selector': selector, 'spark-role': role } = metadata.labels ?? {};
    return selector === this.home.applicationId && role === 'executor';
  }

  /** False when the API server refused or could not be reached: logged by Spark, and tried again where it matters. */
  private attempt(act: () => void): boolean {
    try {
      act();
      return true;
    } catch {
      return false;
    }
  }

  private createPod(): void {
    if (this.world.fails('create executor')) throw new Error('503');
    this.made += 1;
    const { properties, namespace, applicationId, template = {} } = this.home;
    const { metadata, spec } = { metadata: fieldsOf(template.metadata), spec: fieldsOf(template.spec) };
    const labelled = [...properties].filter(([key]) => key.startsWith(LABEL));
    const account = properties.get('spark.kubernetes.authenticate.driver.serviceAccountName');
    this.around.kube.create({
      ...POD,
      metadata: {
        name: `${properties.get('spark.kubernetes.executor.podNamePrefix')}-exec-${this.made}`,
        namespace,
        labels: {
          ...fieldsOf(metadata.labels),
          ...Object.fromEntries(labelled.map(([key, value]) => [key.slice(LABEL.length), value])),
          'spark-app-selector': applicationId,
          'spark-role': 'executor',
          'spark-exec-id': String(this.made),
        },
        ownerReferences: [ownerReference(this.driver, { controller: true })],
      },
      spec: {
        ...(account === undefined ? {} : { serviceAccountName: account }),
        ...spec,
        restartPolicy: 'Never',
        containers: this.containers(spec),
      },
    });
  }

  /** The template's Spark container with what the driver puts into it, and what stands beside it. */
  private containers(spec: Fields): readonly Fields[] {
    const [first, ...others] = Array.isArray(spec.containers) ? spec.containers.map(fieldsOf) : [];
    const { properties } = this.home;
    const requests = {
      cpu: properties.get('spark.executor.cores') ?? '1',
      memory: `${podMib(properties.get('spark.executor.memory') ?? '1g')}Mi`,
    };
    const own = {
      name: 'spark-kubernetes-executor',
      ...first,
      image: properties.get('spark.kubernetes.executor.container.image'),
      args: ['executor'],
      resources: { requests, limits: { memory: requests.memory } },
      env: [{ name: 'SPARK_APPLICATION_ID', value: this.home.applicationId }],
    };
    return [own, ...others];
  }
}

function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function hasEnded({ status }: KubeObject): boolean {
  const { phase } = fieldsOf(status);
  return phase === 'Failed' || phase === 'Succeeded';
}

/** A heap with the overhead Spark adds to it: a tenth, at least 384 MiB. */
function podMib(memory: string): number {
  const [, amount = '1', unit = 'g'] = /^(\d+)([mg])/i.exec(memory) ?? [];
  const heap = Number(amount) * (unit.toLowerCase() === 'g' ? 1024 : 1);
  return heap + Math.max(384, Math.floor(heap / 10));
}

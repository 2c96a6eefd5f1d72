import { isBeingDeleted, type KubeObject, refOf } from '../../../kube/object.ts';
import { KubeError } from '../../../runtime/classify-failure.ts';
import { CannotStart, type SimProcess, type StartProcess } from '../../process.ts';
import { between } from '../../random.ts';
import { conditionsAfter } from './conditions.ts';
import { environmentOf, type Files, mainContainer, mountedFiles } from './container.ts';
import { newRun, type PodRun, saidAtEnd } from './pod-run.ts';
import { type ContainerState, hasProbes, podStatus } from './pod-status.ts';
import { createHost, type Host } from './process-host.ts';
import { fieldsOf, POD, type World } from './world.ts';

/** What a kubelet works with. */
export interface KubeletOptions {
  readonly world: World;
  readonly node: string;
  readonly startProcess: StartProcess;
  readonly seed: number;
  /** The next free address of a pod. */
  readonly podIp: () => string;
}

/** One machine: its kubelet and the processes that run on it, whatever the API server knows of them. */
export interface Kubelet {
  readonly node: string;
  /** The process of a pod that runs here now. */
  processOf(podUid: string): SimProcess | undefined;
  readonly state: MachineState;
  /** See SimNodes. */
  set(state: MachineState): void;
  /** See SimNodes. */
  evict(podUid: string): void;
}

/** up: all is well. lost: the kubelet does not reach the API server. partitioned: nor do the processes. dead: nothing runs. */
export type MachineState = 'up' | 'lost' | 'partitioned' | 'dead';

interface Machine {
  readonly options: KubeletOptions;
  readonly runs: Map<string, PodRun>;
  state: MachineState;
  starts: number;
}

/** A machine that runs the pods bound to its node. */
export function startKubelet(options: KubeletOptions): Kubelet {
  const machine: Machine = { options, runs: new Map(), state: 'up', starts: 0 };
  const { kube } = options.world;
  kube.watch(POD, undefined, ({ type, object }) => {
    if (fieldsOf(object.spec).nodeName !== options.node || !isConnected(machine)) return;
    if (type === 'DELETED') forget(machine, object);
    else see(machine, object);
  });
  return {
    node: options.node,
    processOf: (uid) => machine.runs.get(uid)?.process,
    get state() {
      return machine.state;
    },
    set: (state) => change(machine, state),
    evict: (uid) => evict(machine, uid),
  };
}

function isConnected({ state }: Machine): boolean {
  return state === 'up';
}

const START_MS = [100, 600] as const;
const STOP_MS = [5, 50] as const;
const MOUNT_RETRY_MS = 1_000;
const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;
/** A process that ran this long has its back-off forgotten. */
const STABLE_MS = 600_000;

/** Sets one of a run's timers anew. */
function later({ options }: Machine, run: PodRun, timer: string, { ms, act }: { ms: number; act: () => void }): void {
  run.timers.get(timer)?.();
  run.timers.set(timer, options.world.time.after(ms, act));
}

function soon(machine: Machine, [low, high]: readonly [number, number]): number {
  return between(machine.options.world.random, low, high);
}

function see(machine: Machine, pod: KubeObject): void {
  const uid = pod.metadata.uid ?? '';
  const run = machine.runs.get(uid);
  if (run !== undefined) {
    run.pod = pod;
    if (isBeingDeleted(pod)) terminate(machine, run);
  } else if (isBeingDeleted(pod)) removePod(machine, pod);
  else if (fieldsOf(pod.status).phase === 'Pending') begin(machine, pod);
}

function begin(machine: Machine, pod: KubeObject): void {
  const run = newRun(pod, machine.options.podIp());
  machine.runs.set(pod.metadata.uid ?? '', run);
  later(machine, run, 'start', { ms: soon(machine, START_MS), act: () => start(machine, run) });
}

function start(machine: Machine, run: PodRun): void {
  const { world, seed } = machine.options;
  if (run.terminating || machine.state === 'dead') return;
  const files = mountedFiles(world.kube, run.pod);
  if (typeof files === 'string') {
    report(machine, run, { kind: 'waiting', reason: 'ContainerCreating', message: files });
    later(machine, run, 'start', { ms: MOUNT_RETRY_MS, act: () => start(machine, run) });
    return;
  }
  const name = `process ${run.pod.metadata.name} ${run.restarts} ${machine.starts++}`;
  const cutOff = (): boolean => machine.state === 'partitioned';
  const host = createHost({ world, seed, name, cutOff, changed: () => look(machine, run, host) });
  run.startedAt = world.time.now();
  try {
    Object.assign(run, { host, process: startIn(machine, run, { host, files }) });
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    host.end();
    report(machine, run, { kind: 'waiting', reason: error.reason, message: error.message });
    backOff(machine, run);
    return;
  }
  report(machine, run, { kind: 'running', startedAt: run.startedAt, ready: isProcessReady(run) });
  look(machine, run, host);
}

function startIn(
  { options }: Machine,
  run: PodRun,
  { host, files }: { readonly host: Host; readonly files: Files },
): SimProcess {
  const pod = { ...run.pod, status: { ...fieldsOf(run.pod.status), podIP: run.podIp } };
  const env = environmentOf(options.world.kube, pod);
  const file = (path: string): string | undefined => files.get(path);
  return options.startProcess(
    { pod, container: mainContainer(pod), restarts: run.restarts, env, file },
    host.surroundings,
  );
}

function isProcessReady({ pod, process }: PodRun): boolean {
  return process !== undefined && (!hasProbes(pod) || process.ready());
}

/** Something about the process may have changed; it is asked a moment later, since it may be in the middle of something. */
function look(machine: Machine, run: PodRun, host: Host): void {
  later(machine, run, 'look', {
    ms: soon(machine, STOP_MS),
    act: () => {
      const { process } = run;
      if (process === undefined || run.host !== host) return;
      const exitCode = process.exitCode();
      if (exitCode !== undefined) ended(machine, run, exitCode);
      else if (run.state.kind === 'running' && run.state.ready !== isProcessReady(run)) {
        report(machine, run, { ...run.state, ready: isProcessReady(run) });
      }
    },
  });
}

function ended(machine: Machine, run: PodRun, exitCode: number): void {
  const { time } = machine.options.world;
  run.host?.end();
  const last = { exitCode, startedAt: run.startedAt, finishedAt: time.now(), ...saidAtEnd(run) };
  if (last.finishedAt - last.startedAt > STABLE_MS) run.failures = 0;
  Object.assign(run, { host: undefined, process: undefined, last });
  const { restartPolicy } = fieldsOf(run.pod.spec);
  const restarts = !run.evicted && (restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0));
  if (run.terminating || !restarts) {
    report(machine, run, { kind: 'ended', ...last });
    if (run.terminating) finishPod(machine, run);
    return;
  }
  run.restarts += 1;
  const why = `back-off restarting failed container=${mainContainer(run.pod).name} pod=${run.pod.metadata.name}`;
  report(
    machine,
    run,
    run.failures === 0 ? { kind: 'ended', ...last } : { kind: 'waiting', reason: 'CrashLoopBackOff', message: why },
  );
  backOff(machine, run);
}

/** The first restart comes at once, the next ones after 10 s, 20 s and so on up to 5 minutes. */
function backOff(machine: Machine, run: PodRun): void {
  const wait = run.failures === 0 ? soon(machine, START_MS) : FIRST_BACKOFF_MS * 2 ** (run.failures - 1);
  run.failures += 1;
  later(machine, run, 'start', { ms: Math.min(LONGEST_BACKOFF_MS, wait), act: () => start(machine, run) });
}

/** SIGTERM now, SIGKILL when the grace period is over, which a second deletion may have shortened. */
function terminate(machine: Machine, run: PodRun): void {
  const { time } = machine.options.world;
  const graceMs = Math.max(0, Date.parse(run.pod.metadata.deletionTimestamp ?? '') - time.now());
  if (run.process === undefined && !run.terminating) finishPod(machine, run);
  else later(machine, run, 'kill', { ms: graceMs, act: () => kill(machine, run) });
  if (run.terminating) return;
  run.terminating = true;
  run.timers.get('start')?.();
  run.process?.terminate();
}

function kill(machine: Machine, run: PodRun): void {
  if (run.process === undefined) return;
  run.process.kill();
  ended(machine, run, run.process.exitCode() ?? 137);
}

/** The node runs out of memory: the pod's process is killed and the pod has failed, whatever its restart policy. */
function evict(machine: Machine, uid: string): void {
  const run = machine.runs.get(uid);
  if (run?.process === undefined || !isConnected(machine)) return;
  const { kube, time } = machine.options.world;
  const message = 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. ';
  const draft = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message } as const;
  const conditions = conditionsAfter(run.pod, [draft], time.now());
  run.pod = kube.patch(refOf(run.pod), { status: { reason: 'Evicted', message, conditions } }, 'status');
  run.evicted = true;
  kill(machine, run);
}

/** The container has ended; a moment later the kubelet lets the API server remove the pod. */
function finishPod(machine: Machine, run: PodRun): void {
  later(machine, run, 'finish', { ms: soon(machine, STOP_MS), act: () => removePod(machine, run.pod) });
}

function removePod(machine: Machine, pod: KubeObject): void {
  if (!isConnected(machine)) return;
  const { uid } = pod.metadata;
  try {
    machine.options.world.kube.delete(refOf(pod), { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { uid }) });
  } catch (error) {
    // Somebody removed it by force in the meantime.
    if (!(error instanceof KubeError) || (error.status !== 404 && error.status !== 409)) throw error;
  }
}

/** The pod is gone from the API server: by our own doing, or by force while its process still runs. */
function forget(machine: Machine, pod: KubeObject): void {
  const uid = pod.metadata.uid ?? '';
  const run = machine.runs.get(uid);
  if (run === undefined) return;
  if (run.process === undefined) {
    for (const cancel of run.timers.values()) cancel();
    machine.runs.delete(uid);
    return;
  }
  run.terminating = true;
  run.process.terminate();
  const graceMs = Number(fieldsOf(run.pod.spec).terminationGracePeriodSeconds ?? 30) * 1000;
  later(machine, run, 'kill', { ms: graceMs, act: () => kill(machine, run) });
}

/** Tells the API server how the pod is, if it can be reached and still has this pod. */
function report(machine: Machine, run: PodRun, state: ContainerState['state']): void {
  run.state = state;
  if (!isConnected(machine)) return;
  const { kube, time } = machine.options.world;
  const pod = kube.get(refOf(run.pod));
  if (pod === undefined || pod.metadata.uid !== run.pod.metadata.uid) {
    if (run.process === undefined) machine.runs.delete(run.pod.metadata.uid ?? '');
    return;
  }
  const { restarts, last, podIp } = run;
  const status = podStatus(pod, { state, restarts, last, podIp }, time.now());
  run.pod = kube.replace({ ...pod, status }, 'status');
}

function change(machine: Machine, state: MachineState): void {
  const before = machine.state;
  machine.state = state;
  if (state === 'dead') for (const run of machine.runs.values()) die(run);
  if (state !== 'up' || before === 'up') return;
  for (const run of [...machine.runs.values()]) resume(machine, run);
  for (const pod of machine.options.world.kube.list(POD)) {
    if (fieldsOf(pod.spec).nodeName === machine.options.node) see(machine, pod);
  }
}

/** Power off: nobody hears of it. */
function die(run: PodRun): void {
  for (const cancel of run.timers.values()) cancel();
  run.timers.clear();
  run.process?.kill();
  run.host?.end();
  Object.assign(run, { host: undefined, process: undefined });
}

/** The kubelet is back: what ought not to run any more is ended, the rest is reported or, after a power off, started again. */
function resume(machine: Machine, run: PodRun): void {
  const pod = machine.options.world.kube.get(refOf(run.pod));
  if (pod === undefined || pod.metadata.uid !== run.pod.metadata.uid) forget(machine, run.pod);
  else if (run.process !== undefined || run.state.kind !== 'running') report(machine, run, run.state);
  else ended(machine, run, 137);
}

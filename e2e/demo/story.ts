import pc from 'picocolors';
import { findCondition } from '../../src/kube/conditions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import type { LiveFlink } from '../kit/flink.ts';

/** Tells in plain lines what changed from one look at a Flink cluster to the next. */
export interface Story {
  /** Prints a line for each change since the last look. */
  tell(live: LiveFlink | undefined, pods: readonly KubeObject[]): void;
  /** Prints a line unless it is the last one about the same thing. */
  say(who: string, what: string): void;
}

/** A story whose times count from now. `write` gets whole lines. */
export function createStory(write: (line: string) => void): Story {
  const begun = Date.now();
  const said = new Map<string, string>();
  const say = (who: string, what: string): void => {
    if (said.get(who) === what) return;
    said.set(who, what);
    const seconds = ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
    write(`${pc.dim(`${seconds} s`)}  ${who.padEnd(11)}  ${what}\n`);
  };
  return {
    say,
    tell(live, pods) {
      if (live !== undefined) say('job', jobLine(live));
      const present = new Set<string>();
      for (const pod of pods) {
        const who = pod.metadata.labels?.component === 'jobmanager' ? 'JobManager' : 'TaskManager';
        const line = `${pc.dim(pod.metadata.name)} ${podState(pod)}`;
        present.add(pod.metadata.name);
        sayOnce(said, pod.metadata.name, line, () => say(who, line));
      }
      for (const name of said.keys()) {
        if (!name.startsWith('pod/') || present.has(name.slice(4))) continue;
        said.delete(name);
        say('pod', `${pc.dim(name.slice(4))} is gone`);
      }
    },
  };
}

function sayOnce(said: Map<string, string>, pod: string, line: string, say: () => void): void {
  if (said.get(`pod/${pod}`) === line) return;
  said.set(`pod/${pod}`, line);
  say();
}

function jobLine({ status }: LiveFlink): string {
  const ready = findCondition(status.conditions, 'Ready');
  const states = `${status.jobStatus?.state ?? 'new'}, ${status.lifecycleState ?? 'not seen by the operator yet'}`;
  const colour = ready?.status === 'True' ? pc.green : pc.yellow;
  return ready === undefined ? colour(states) : `${colour(states)}: ${withoutDetail(ready.message)}`;
}

/** A message without the last error in parentheses, which changes all the time and means nothing while things start. */
function withoutDetail(message: string): string {
  return message.replace(/ \([A-Z]+ .*\)$/s, '');
}

interface PodStatus {
  readonly phase?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: { readonly reason?: string } } }[];
}

function podState({ metadata, status }: KubeObject): string {
  const { phase = 'Pending', conditions = [], containerStatuses = [] } = (status ?? {}) as PodStatus;
  if (metadata.deletionTimestamp !== undefined) return 'is ending';
  const unscheduled = conditions.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  if (unscheduled !== undefined) return `waits for a node: ${unscheduled.message ?? ''}`;
  const [waiting] = containerStatuses.flatMap(({ state }) => state?.waiting?.reason ?? []);
  if (waiting !== undefined && waiting !== 'PodInitializing') return waiting;
  const ready = conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  return ready ? 'is Running and ready' : `is ${phase}`;
}

import { JOB_ID_ANNOTATION } from '../src/flink/desired/names.ts';
import type { Api } from './api.ts';
import type { FakeJobManagers, FakeJobState } from './fake-job-manager.ts';
import { fakeNode } from './fake-node.ts';
import type { Observer } from './observer.ts';

/** The Flink clusters that the operator made: their pods run and their JobManagers answer as soon as they exist. */
export interface FakeClusters {
  /** The state in which the jobs of clusters to come are found first. */
  startJobsAs(state: FakeJobState): void;
  /** The job of a cluster begins to run; returns when. */
  run(name: string): number;
  /** When the JobManager of a cluster began to answer. Throws if it does not yet. */
  answeringSince(name: string): number;
}

/** Gives life to what the observer sees; it must watch Deployments and Pods. */
export function fakeClusters(api: Api, observer: Observer, jobManagers: FakeJobManagers): FakeClusters {
  const jobIds = new Map<string, string>();
  const since = new Map<string, number>();
  let first: FakeJobState = 'RUNNING';
  const jobIdOf = (name: string): string => jobIds.get(name) ?? '';
  observer.each(({ object: { kind, metadata } }) => {
    const id = metadata.annotations?.[JOB_ID_ANNOTATION];
    if (kind === 'Deployment' && id !== undefined) jobIds.set(metadata.name, id);
  });
  const onRunning = (app: string): void => {
    if (jobIds.has(app)) since.set(app, jobManagers.answer(app, jobIdOf(app), first));
  };
  observer.each(fakeNode({ api, onRunning: ({ metadata }) => onRunning(metadata.labels?.app ?? '') }));
  return {
    startJobsAs(state) {
      first = state;
    },
    run: (name) => jobManagers.answer(name, jobIdOf(name), 'RUNNING'),
    answeringSince(name) {
      const at = since.get(name);
      if (at === undefined) throw new Error(`the JobManager of ${name} does not answer yet`);
      return at;
    },
  };
}

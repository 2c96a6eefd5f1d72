import type { Access } from '../core/reconciler.ts';
import type { KindInfo } from './kinds.ts';
import { createReflector, type ReflectorHealth, type ReflectorOptions } from './reflector.ts';

/** The kind that says which namespaces there are, and their labels. */
export const NAMESPACE_KIND: KindInfo = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};

/** What following a namespace selector needs. */
export const NAMESPACE_ACCESS: readonly Access[] = [
  {
    group: '',
    resources: ['namespaces'],
    verbs: ['list', 'watch'],
    why: 'follow the namespaces that a selector takes',
    clusterOnly: true,
  },
];

/** The namespaces that a label selector takes, followed as they come, go and change their labels. */
export interface WatchedNamespaces {
  /** Whether a namespace is looked at; none is before the first list. */
  includes(namespace: string): boolean;
  /** Lists and watches until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  health(): ReflectorHealth;
}

/** What is told when a namespace begins or ends to be looked at; `includes` says so already then. Methods must not throw. */
export interface NamespaceSink {
  entered(namespace: string): void;
  left(namespace: string): void;
  /** After each whole list. */
  listed(): void;
}

/** What they are made with; `selector` is a label selector in its text form. */
export interface WatchedNamespacesOptions
  extends Omit<ReflectorOptions, 'kind' | 'labelSelector' | 'namespace' | 'sink'> {
  readonly selector: string;
  readonly sink: NamespaceSink;
}

/** Follows a selector. The API server selects: a namespace whose labels change comes and goes in its watch. */
export function createWatchedNamespaces({ selector, sink, ...options }: WatchedNamespacesOptions): WatchedNamespaces {
  const watched = new Set<string>();
  const enter = (name: string): void => {
    if (watched.has(name)) return;
    watched.add(name);
    sink.entered(name);
  };
  const leave = (name: string): void => {
    if (watched.delete(name)) sink.left(name);
  };
  const reflector = createReflector({
    ...options,
    kind: NAMESPACE_KIND,
    labelSelector: selector,
    sink: {
      put: ({ metadata }) => enter(metadata.name),
      remove: ({ metadata }) => leave(metadata.name),
      replace(namespaces) {
        const names = new Set(namespaces.map(({ metadata }) => metadata.name));
        for (const name of [...watched]) if (!names.has(name)) leave(name);
        for (const name of names) enter(name);
        sink.listed();
      },
    },
  });
  return {
    includes: (namespace) => watched.has(namespace),
    run: (signal) => reflector.run(signal),
    health: () => reflector.health(),
  };
}

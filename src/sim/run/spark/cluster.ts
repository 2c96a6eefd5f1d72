import type { Access } from '../../../core/reconciler.ts';
import { CAPACITY_ACCESS, CAPACITY_KINDS } from '../../../runtime/capacity-questions.ts';
import { SPARK_ACCESS } from '../../../spark/controller.ts';
import { SPARK_APPLICATION_KIND } from '../../../spark/schema.ts';
import type { SimNode } from '../../kube/machines.ts';

/** What the operator may do where it runs applications. */
export const RUN_ACCESS: readonly Access[] = [
  ...SPARK_ACCESS,
  ...CAPACITY_ACCESS,
  { group: '', resources: ['events'], verbs: ['create', 'patch'], why: 'tell what was done and why' },
];

/** Kinds there are beside the built-in ones where it does; those of a survey are built in or among them. */
export const RUN_KINDS = [
  { ...SPARK_APPLICATION_KIND, plural: 'sparkapplications', namespaced: true },
  ...CAPACITY_KINDS.filter(({ apiVersion }) => apiVersion !== 'v1'),
];

/** The driver goes to the first one that has room; what is asked to go elsewhere says so by `disk: fast`. */
export const RUN_NODES: readonly SimNode[] = [
  { name: 'node-1', allocatable: { cpu: '8', memory: '32Gi', pods: '110' } },
  { name: 'node-2', allocatable: { cpu: '8', memory: '32Gi', pods: '110' }, labels: { disk: 'fast' } },
];

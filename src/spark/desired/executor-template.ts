import type { Build, Fields } from './names.ts';
import { rolePod } from './role-pod.ts';

/**
 * The template a driver makes its executor pods from: what properties cannot say. Image, resources, names, restart policy,
 * owner and Spark's variables the driver puts in itself; a variable it sets too wins over one of the template.
 */
export function executorTemplate(build: Build): Fields {
  const { labels, annotations, spec } = rolePod(build, 'executor', { env: [], mounts: [], ports: [], container: {} });
  return { apiVersion: 'v1', kind: 'Pod', metadata: { labels, annotations }, spec };
}

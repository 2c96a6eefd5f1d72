import type { JobVertex } from './model.ts';

/** The vertices so that each comes after its inputs; those on a circle, which Flink's plans have not, in their own order. */
export function inOrder(vertices: readonly JobVertex[]): readonly JobVertex[] {
  const byId = new Map(vertices.map((vertex) => [vertex.id, vertex]));
  const ordered = new Set<JobVertex>();
  const begun = new Set<JobVertex>();
  const visit = (vertex: JobVertex): void => {
    if (begun.has(vertex)) return;
    begun.add(vertex);
    for (const { id } of vertex.inputs) {
      const input = byId.get(id);
      if (input !== undefined) visit(input);
    }
    ordered.add(vertex);
  };
  vertices.forEach(visit);
  return [...ordered];
}

/** The ids of the inputs of a vertex, each once. */
export function inputIds({ inputs }: JobVertex): readonly string[] {
  return [...new Set(inputs.map(({ id }) => id))];
}

/** How many vertices each has as outputs, by id. */
export function outputCounts(vertices: readonly JobVertex[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of vertices.flatMap(inputIds)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

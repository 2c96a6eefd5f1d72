import { moduleFolder, programs } from '../cluster/programs.ts';
import type { ImageArchive } from './image.ts';
import { image } from './image.ts';

/** A program of others with the chart it is installed by. */
export interface Installable {
  readonly image: ImageArchive;
  /** The module's folder, the chart below it. */
  readonly module: string;
}

/** Kueue's manager from its Go module, where its own image has it: one static program and nothing else. */
export async function kueueImage(): Promise<Installable> {
  const { kueue } = await programs(['kueue']);
  const module = await moduleFolder('kueue', 'sigs.k8s.io/kueue');
  const archive = await image({
    repository: 'kueue',
    tag: (key) => key,
    sources: [{ path: kueue }],
    start: { entrypoint: ['/manager'], environment: { PATH: '/' }, user: '65532:65532' },
    layers: async () => [{ entries: [{ path: 'manager', type: 'file', mode: 0o755, content: { from: kueue } }] }],
  });
  return { image: archive, module };
}

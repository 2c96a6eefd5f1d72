import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../lib/run.ts';
import { architecture } from './archive.ts';
import type { ImageArchive } from './image.ts';
import { image } from './image.ts';

const source = fileURLToPath(new URL('pause/pause.go', import.meta.url));

/** The image of every pod's first container: one static program and nothing else. Needs Go. */
export function pauseImage(): Promise<ImageArchive> {
  return image({
    repository: 'pause',
    tag: '1',
    sources: [{ path: source }],
    start: { entrypoint: ['/pause'], environment: { PATH: '/', GOMAXPROCS: '1' }, user: '65535:65535' },
    layers: async (scratch) => {
      await mkdir(scratch, { recursive: true });
      const program = join(scratch, 'pause');
      const env = { CGO_ENABLED: '0', GOOS: 'linux', GOARCH: architecture(), GOFLAGS: '', GO111MODULE: 'off' };
      await run('go', ['build', '-trimpath', '-ldflags=-s -w -buildid=', '-o', program, source], { env });
      return [{ entries: [{ path: 'pause', type: 'file', mode: 0o755, content: { from: program } }] }];
    },
  });
}

import { tmpdir } from 'node:os';
import { run } from './run.ts';

/** A Go module of which files are read: schemas that others publish. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** Checksum of its content, as go.sum has it. */
  readonly sum: string;
}

/** The folder of a module in Go's cache, downloaded if it is not there. Rejects when its content is not the one expected. */
export async function moduleFolder({ path, version, sum }: GoModule): Promise<string> {
  const args = ['mod', 'download', '-json', `${path}@${version}`];
  const answer = JSON.parse(await run('go', args, { cwd: tmpdir() })) as { readonly Dir: string; readonly Sum: string };
  if (answer.Sum !== sum) throw new Error(`${path}@${version} is ${answer.Sum}, not ${sum}`);
  return answer.Dir;
}

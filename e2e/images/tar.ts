import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';

/** Who owns an entry, by number; root when left out. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** One entry of a tar: paths are relative, with `/`; `from` is a file of this machine to take the content of. */
export type TarEntry =
  | { readonly path: string; readonly type: 'folder'; readonly mode?: number; readonly owner?: Owner }
  | { readonly path: string; readonly type: 'link'; readonly target: string; readonly owner?: Owner }
  | {
      readonly path: string;
      readonly type: 'file';
      readonly content: Buffer | string | { readonly from: string };
      readonly mode?: number;
      readonly owner?: Owner;
    };

const block = 512;
const padding = (size: number): number => (block - (size % block)) % block;
const typeFlag = { file: '0', link: '2', folder: '5' } as const;
const defaultMode = { file: 0o644, link: 0o777, folder: 0o755 } as const;

/** A sequence of bytes going to one file, with the SHA-256 of what has passed since the last `digest()`. */
export class HashingWriter {
  readonly #file: FileHandle;
  #hash: Hash = createHash('sha256');

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes);
    await this.#file.writeFile(bytes);
  }

  async copy(path: string): Promise<void> {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) await this.write(chunk as Buffer);
  }

  /** The hash (hex) of everything written since the last call. */
  digest(): string {
    const hex = this.#hash.digest('hex');
    this.#hash = createHash('sha256');
    return hex;
  }
}

/** How many bytes an entry's content has. */
export async function contentSize(entry: TarEntry): Promise<number> {
  if (entry.type !== 'file') return 0;
  if (typeof entry.content === 'string') return Buffer.byteLength(entry.content);
  return Buffer.isBuffer(entry.content) ? entry.content.length : (await stat(entry.content.from)).size;
}

/** How many bytes `writeTar` writes for these entries. */
export async function tarSize(entries: readonly TarEntry[]): Promise<number> {
  let size = 2 * block;
  for (const entry of entries) {
    const content = await contentSize(entry);
    size += block + content + padding(content);
  }
  return size;
}

/**
 * Writes the entries, in the order given, as one tar. The bytes depend on nothing but the entries: every time is the
 * epoch, owners are numbers. Parents are not added: name each folder whose owner or mode matters.
 */
export async function writeTar(out: HashingWriter, entries: readonly TarEntry[]): Promise<void> {
  for (const entry of entries) {
    const size = await contentSize(entry);
    await out.write(tarHeader(entry, size));
    if (entry.type !== 'file') continue;
    if (typeof entry.content === 'string') await out.write(Buffer.from(entry.content));
    else if (Buffer.isBuffer(entry.content)) await out.write(entry.content);
    else await out.copy(entry.content.from);
    await out.write(Buffer.alloc(padding(size)));
  }
  await out.write(Buffer.alloc(2 * block));
}

/** The 512 bytes (POSIX ustar) that go before an entry's content. Throws if the path or a link's target is too long. */
export function tarHeader(entry: TarEntry, size: number): Buffer {
  const header = Buffer.alloc(block);
  const path = entry.type === 'folder' ? `${entry.path.replace(/\/$/, '')}/` : entry.path;
  const { prefix, name } = splitPath(path);
  const mode = entry.type === 'link' ? defaultMode.link : (entry.mode ?? defaultMode[entry.type]);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  header.write(name, 0);
  header.write(octal(mode, 8), 100);
  header.write(octal(entry.owner?.uid ?? 0, 8), 108);
  header.write(octal(entry.owner?.gid ?? 0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136); // modification time
  header.write(' '.repeat(8), 148); // the checksum counts itself as spaces
  header.write(typeFlag[entry.type], 156);
  if (entry.type === 'link') header.write(fitting(entry.target), 157);
  header.write('ustar\u000000', 257);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function fitting(target: string): string {
  if (Buffer.byteLength(target) <= 100) return target;
  throw new Error(`the target of a link is too long for a tar: ${target}`);
}

/** ustar keeps 100 bytes of name and 155 of folders before it, cut at a slash. */
function splitPath(path: string): { prefix: string; name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path };
  for (let cut = path.indexOf('/'); cut > 0 && cut <= 155; cut = path.indexOf('/', cut + 1)) {
    const name = path.slice(cut + 1);
    if (name !== '' && Buffer.byteLength(name) <= 100) return { prefix: path.slice(0, cut), name };
  }
  throw new Error(`the path is too long for a tar: ${path}`);
}

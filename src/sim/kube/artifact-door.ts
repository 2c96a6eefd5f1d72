import { type Failure, FailureError } from '../../core/failure.ts';
import type { ArtifactSource } from '../../core/ports.ts';
import type { Life } from '../virtual-time.ts';
import type { FetchFault } from './faults.ts';
import type { Gate } from './gate.ts';
import { pause } from './service-door.ts';

/** What the operator's way to artifacts is made with. */
export interface ArtifactDoorOptions {
  /** Whether there is something at a URL. */
  readonly isThere: (url: string) => boolean;
  readonly gate: Gate;
  readonly life: Life;
  /** How long an answer is under way, in milliseconds. */
  readonly delay: () => number;
}

/** A server that says nothing is given up after this long, as by the real source. */
const SILENCE_MS = 30_000;

/** ArtifactSource out of the simulation: the content of an artifact is its own URL, by which whoever runs it knows it. */
export function createArtifactDoor(options: ArtifactDoorOptions): ArtifactSource {
  return {
    open({ url }, signal) {
      // Nobody waits any more for an answer to a process that has ended.
      return options.life.ended ? new Promise(() => {}) : open(options, url, signal);
    },
  };
}

async function open(
  { gate, life, delay, isThere }: ArtifactDoorOptions,
  url: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const { n, fault } = gate.next('fetch');
  gate.note(`fetch ${n}`, `${url}${fault === undefined ? '' : ` [${fault.kind}]`}`);
  await pause(life, delay() + extraMs(fault), signal);
  if (fault?.kind === 'unsent') throw failed('transient', `${url}: no answer`);
  const status = fault?.kind === 'status' ? fault.status : isThere(url) ? 200 : 404;
  if (status !== 200) throw failed(status < 500 ? 'stalled' : 'transient', `${url} answered ${status}`);
  return contentOf(url, fault?.kind === 'broken');
}

function extraMs(fault: FetchFault | undefined): number {
  if (fault?.kind === 'late') return fault.ms;
  return fault?.kind === 'unsent' ? SILENCE_MS : 0;
}

async function* contentOf(url: string, broken: boolean): AsyncGenerator<Uint8Array> {
  const content = Buffer.from(url);
  if (!broken) yield content;
  else {
    yield content.subarray(0, 10);
    throw failed('transient', `${url}: the connection broke`);
  }
}

function failed(kind: 'stalled' | 'transient', message: string): FailureError {
  const failure: Failure = kind === 'stalled' ? { kind, reason: 'ArtifactNotAvailable', message } : { kind, message };
  return new FailureError(failure);
}

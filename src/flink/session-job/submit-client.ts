import * as z from 'zod';
import { FailureError } from '../../core/failure.ts';
import type { ArtifactSource } from '../../core/ports.ts';
import {
  type Door,
  describeTarget,
  errorText,
  getJson,
  type RestAnswer,
  readAs,
  send,
  unexpected,
} from '../rest-request-client.ts';
import type { JarToRun, Submission } from './submission.ts';

/** A session's REST API, and where jars come from. */
export interface SubmitDoor extends Door {
  readonly artifacts: ArtifactSource;
}

const Overview = z.object({ jobs: z.array(z.object({ jid: z.string() })) });
const Jars = z.object({ files: z.array(z.object({ id: z.string(), name: z.string() })) });
const Uploaded = z.object({ filename: z.string() });
const Started = z.object({ jobid: z.string() });

/**
 * Submits a job unless the session knows its id already, then deletes the jar. Repeating it, also after an answer was lost,
 * never starts the job twice: Flink refuses a job id that it runs or ran. Throws FailureError: `stalled` SubmitFailed where
 * the job's own code or the session refuses, what ArtifactSource throws, else `transient`.
 */
export async function submitJob(door: SubmitDoor, { jar, run }: Submission): Promise<void> {
  const { jobs } = await getJson(door, '/jobs/overview', Overview);
  if (jobs.some(({ jid }) => jid === run.jobId)) return;
  const id = await prepareJar(door, jar);
  await runJar(door, id, run);
  await deleteJars(door, jar);
}

/** Makes sure that the session has the jar; returns its id there. Throws as submitJob. */
export async function prepareJar(door: SubmitDoor, jar: JarToRun): Promise<string> {
  const there = (await listJars(door)).find(({ name }) => name === jar.name);
  if (there !== undefined) return there.id;
  const content = jar.artifact === undefined ? emptyJar() : await door.artifacts.open(jar.artifact, door.signal);
  const file = { name: jar.name, contentType: 'application/x-java-archive', content };
  const { namespace, name, port } = door.target;
  const request = { namespace, service: `${name}-rest`, port, method: 'POST', path: '/jars/upload', file } as const;
  const answer = await door.http.request(request, door.signal);
  if (answer.status !== 200) throw refused(door, 'uploading the jar', answer);
  const { filename } = readAs(door.target, 'POST /jars/upload', answer.body, Uploaded);
  return filename.slice(filename.lastIndexOf('/') + 1);
}

async function listJars(door: Door): Promise<z.infer<typeof Jars>['files']> {
  const answer = await send(door, 'GET', '/jars');
  if (answer.status === 404) {
    const message = `${describeTarget(door.target)}: the session takes no jars; web.submit.enable must not be false`;
    throw new FailureError({ kind: 'stalled', reason: 'SubmitFailed', message });
  }
  if (answer.status !== 200) throw unexpected(door.target, `GET /jars answered ${answer.status}`);
  return readAs(door.target, 'GET /jars', answer.body, Jars).files;
}

/** Says in Flink's answer that a job of this id runs or ran: an earlier request took effect. From 2.3 on it is an application. */
const DUPLICATE = /Duplicate(Job|Application)SubmissionException/;

async function runJar(door: Door, id: string, run: Submission['run']): Promise<void> {
  const path = `/jars/${encodeURIComponent(id)}/run`;
  const answer = await send(door, 'POST', path, run);
  if (answer.status !== 200) {
    if (DUPLICATE.test(JSON.stringify(answer.body) ?? '')) return;
    throw refused(door, `submitting job ${run.jobId}`, answer);
  }
  const { jobid } = readAs(door.target, `POST ${path}`, answer.body, Started);
  if (jobid === run.jobId) return;
  const message = `${describeTarget(door.target)}: submitting job ${run.jobId} started job ${jobid}; the main method must run one job and not set its id`;
  throw new FailureError({ kind: 'stalled', reason: 'SubmitFailed', message });
}

/** Those of earlier attempts, too. */
async function deleteJars(door: Door, { prefix }: JarToRun): Promise<void> {
  for (const { id } of (await listJars(door)).filter(({ name }) => name.startsWith(prefix))) {
    const answer = await send(door, 'DELETE', `/jars/${encodeURIComponent(id)}`);
    if (answer.status !== 200 && answer.status !== 404) throw refused(door, 'deleting the jar', answer);
  }
}

/** What passes by itself: time-outs of Flink's own, and a jar that went away with its JobManager. */
const PASSING = /TimeoutException|Jar file .* does not exist/;

/** An error that has a cause needs a human, whether Flink gives it 400 or 500 (a main class that is not there). */
function refused({ target }: Door, what: string, { status, body }: RestAnswer): FailureError {
  const said = errorText(body);
  const text = `${what} answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (PASSING.test(said) || status > 500 || (status === 500 && said === '')) return unexpected(target, text);
  return new FailureError({ kind: 'stalled', reason: 'SubmitFailed', message: `${describeTarget(target)}: ${text}` });
}

/** A jar that holds a manifest and nothing else (PKZIP APPNOTE 6.3: one stored entry): Flink runs nothing without a jar. */
const EMPTY_JAR =
  'UEsDBBQAAAAAAAAAIQCyfwLuGQAAABkAAAAUAAAATUVUQS1JTkYvTUFOSUZFU1QuTUZNYW5pZmVzdC1WZXJzaW9uOiAxLjANCg0K' +
  'UEsBAhQAFAAAAAAAAAAhALJ/Au4ZAAAAGQAAABQAAAAAAAAAAAAAAIABAAAAAE1FVEEtSU5GL01BTklGRVNULk1GUEsFBgAAAAAB' +
  'AAEAQgAAAEsAAAAAAA==';

async function* emptyJar(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.from(atob(EMPTY_JAR), (character) => character.charCodeAt(0));
}

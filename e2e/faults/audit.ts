import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../src/lib/json.ts';

/** One write that reached the API server, as its audit log tells. Times are milliseconds since the epoch. */
export interface Write {
  readonly user: string;
  /** When it was received, and when it was answered. */
  readonly at: number;
  readonly done: number;
  /** Verb, resource and object: `patch flinkdeployments/status jobs/a`. */
  readonly what: string;
  /** HTTP status of the answer. */
  readonly code: number;
  /** Who holds the Lease after a write of it, '' if nobody; undefined for everything else. */
  readonly holder: string | undefined;
}

/** Time in which one process held the Lease. */
export interface Term {
  readonly user: string;
  /** The process, as the Lease names it. */
  readonly identity: string;
  /** When the API server answered that it holds the Lease. */
  readonly from: number;
  /** When its renewals were received, the first one included. */
  readonly renewals: number[];
  /** When it released the Lease or another took it. */
  until: number | undefined;
}

const SERVICE_ACCOUNT = 'system:serviceaccount:';

/**
 * Arguments of kube-apiserver that keep an audit log of all writes of a namespace's service accounts in this folder, and
 * where the log is.
 */
export async function auditing(folder: string, namespace: string): Promise<{ flags: string[]; log: string }> {
  const whose = {
    userGroups: [`system:serviceaccounts:${namespace}`],
    verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
  };
  const leases = { group: 'coordination.k8s.io', resources: ['leases'] };
  const rules = [
    { level: 'RequestResponse', ...whose, resources: [leases] },
    { level: 'Metadata', ...whose },
    { level: 'None' },
  ];
  const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules };
  const [file, log] = [join(folder, 'audit-policy.json'), join(folder, 'audit.log')];
  await writeFile(file, JSON.stringify(policy));
  return { flags: ['--audit-policy-file', file, '--audit-log-path', log], log };
}

/** All writes in an audit log, in the order in which they were answered. */
export async function readAudit(log: string): Promise<readonly Write[]> {
  const lines = (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => writeOf(JSON.parse(line))).toSorted((a, b) => a.done - b.done);
}

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly responseStatus?: { readonly code?: number };
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseObject?: unknown;
}

function writeOf(event: AuditEvent): Write {
  const { resource = '', subresource, namespace = '', name = '' } = event.objectRef ?? {};
  const kind = subresource === undefined ? resource : `${resource}/${subresource}`;
  return {
    user: event.user.username.replace(SERVICE_ACCOUNT, '').replace(/^[^:]*:/, ''),
    at: Date.parse(event.requestReceivedTimestamp),
    done: Date.parse(event.stageTimestamp),
    what: `${event.verb} ${kind} ${namespace}/${name}`,
    code: event.responseStatus?.code ?? 0,
    holder: resource === 'leases' ? holderOf(event.responseObject) : undefined,
  };
}

function holderOf(lease: unknown): string {
  const spec = isRecord(lease) && isRecord(lease.spec) ? lease.spec : {};
  return typeof spec.holderIdentity === 'string' ? spec.holderIdentity : '';
}

/** Whether the API server did what was asked. */
function succeeded({ code }: Write): boolean {
  return code >= 200 && code < 300;
}

/** Who held the Lease when, first to last. */
export function termsOf(writes: readonly Write[]): readonly Term[] {
  const terms: Term[] = [];
  for (const { user, at, done, holder, code } of writes) {
    if (holder === undefined || code < 200 || code >= 300) continue;
    const last = terms.at(-1);
    if (last?.identity === holder && last.until === undefined) {
      last.renewals.push(at);
      continue;
    }
    if (last !== undefined) last.until ??= done;
    if (holder !== '') terms.push({ user, identity: holder, from: done, renewals: [at], until: undefined });
  }
  return terms;
}

/** All writes but those of the Lease itself. */
export function effectsIn(writes: readonly Write[]): readonly Write[] {
  return writes.filter(({ holder }) => holder === undefined);
}

/**
 * Writes that arrived when their sender could have lost the Lease, refused or not: it had not got it, had given it up, another
 * had it, or it had not renewed it for its whole duration.
 */
export function lateWrites(writes: readonly Write[], leaseMs: number): readonly Write[] {
  const terms = termsOf(writes);
  return effectsIn(writes).filter((write) => !isCovered(write, terms, leaseMs));
}

/** Late writes that took effect, in words. */
export function lateEffects(writes: readonly Write[], leaseMs: number): readonly string[] {
  const terms = termsOf(writes);
  return lateWrites(writes, leaseMs)
    .filter(succeeded)
    .map((write) => `${write.user} had lost the Lease, yet did: ${write.what} ${ago(write, terms)}`);
}

function isCovered({ user, at }: Write, terms: readonly Term[], leaseMs: number): boolean {
  return terms.some((term) => {
    if (term.user !== user || at < term.from || at > (term.until ?? at)) return false;
    const renewed = term.renewals.findLast((time) => time <= at);
    return renewed !== undefined && at - renewed <= leaseMs;
  });
}

function ago({ user, at }: Write, terms: readonly Term[]): string {
  const term = terms.findLast((each) => each.user === user && each.from <= at);
  const renewed = term?.renewals.findLast((time) => time <= at);
  return renewed === undefined ? 'before it had it' : `${at - renewed} ms after its last renewal`;
}

/** Seconds from `since` until another process than the one that held the Lease then has it; undefined if none came to. */
export function handOverSeconds(writes: readonly Write[], since: number): number | undefined {
  const terms = termsOf(writes);
  const before = terms.findLast(({ from }) => from <= since);
  const next = terms.find(({ from, identity }) => from > since && identity !== before?.identity);
  return next === undefined ? undefined : (next.from - since) / 1000;
}

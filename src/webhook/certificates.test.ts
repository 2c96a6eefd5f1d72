import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueCertificate } from './issue.ts';
import { type RotationFacts, rotationStep } from './rotation.ts';
import { bundleOf, certificatesIn, endOf, isUsable, readStored, type Stored, storedData } from './stored.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-06-01T00:00:00Z');
const HOSTS = ['weir-webhook.ops.svc', '127.0.0.1'];
const TIMING = { validityMs: 90 * DAY, renewBeforeMs: 30 * DAY, settleMs: 300_000 };

const issued = (now = NOW, hosts = HOSTS) => issueCertificate({ hosts, now, validityMs: TIMING.validityMs });

async function stored(now = NOW): Promise<Stored> {
  const { authority, ...serving } = await issued(now);
  return { serving, next: undefined, authorities: [authority] };
}

function step(facts: Partial<RotationFacts> & { readonly stored: Stored }) {
  return rotationStep({ hosts: HOSTS, now: NOW, trustedForMs: 0, ...facts }, TIMING);
}

describe('an issued certificate', () => {
  it('is a P-256 certificate for these hosts, signed by an authority that may sign only such', async () => {
    const { authority, certificate, key } = await issued();
    const [ca, leaf] = [new X509Certificate(authority), new X509Certificate(certificate)];
    expect(leaf.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(ca.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(leaf.subjectAltName).toBe('DNS:weir-webhook.ops.svc, IP Address:127.0.0.1');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect([ca.ca, leaf.ca]).toEqual([true, false]);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(isUsable({ certificate, key }, { authorities: [authority], hosts: HOSTS, now: NOW })).toBe(true);
    expect(endOf(certificate)).toBe(NOW + 90 * DAY);
  });

  it('has an authority with a name of its own', async () => {
    const [a, b] = await Promise.all([issued(), issued()]);
    expect(new X509Certificate(a.authority).subject).not.toBe(new X509Certificate(b.authority).subject);
  });
});

describe('usable', () => {
  it('is only what is whole, of its time, for the hosts and trusted', async () => {
    const [a, b] = await Promise.all([issued(), issued()]);
    const facts = { authorities: [a.authority], hosts: HOSTS, now: NOW };
    expect(isUsable(a, facts)).toBe(true);
    expect(isUsable({ certificate: a.certificate, key: b.key }, facts)).toBe(false);
    expect(isUsable({ certificate: a.certificate, key: 'nonsense' }, facts)).toBe(false);
    expect(isUsable({ certificate: 'nonsense', key: a.key }, facts)).toBe(false);
    expect(isUsable(a, { ...facts, now: NOW + 90 * DAY })).toBe(false);
    expect(isUsable(a, { ...facts, now: NOW - DAY })).toBe(false);
    expect(isUsable(a, { ...facts, hosts: ['other.ops.svc'] })).toBe(false);
    expect(isUsable(a, { ...facts, hosts: ['127.0.0.2'] })).toBe(false);
    expect(isUsable(a, { ...facts, authorities: [b.authority] })).toBe(false);
  });
});

describe('a Secret', () => {
  it('holds what was stored', async () => {
    const [one, next] = await Promise.all([stored(), issued()]);
    const whole = { ...one, next: { certificate: next.certificate, key: next.key } };
    expect(readStored(storedData(whole))).toEqual(whole);
    expect(storedData(one)).toMatchObject({ 'next.crt': null, 'next.key': null });
    expect(readStored(storedData(one))).toEqual(one);
  });

  it.each([[undefined], [{}], [{ 'tls.crt': 1, 'ca.crt': 'bm9uc2Vuc2U=' }], ['text']])(
    'may hold anything: %j',
    (data) => {
      expect(readStored(data)).toEqual({ serving: undefined, next: undefined, authorities: [] });
    },
  );

  it('may hold authorities that cannot be read', async () => {
    const { authority } = await issued();
    const broken = authority.replace(/[A-Za-z]{20}\n/, 'AAAAAAAAAAAAAAAAAAAA\n').slice(0, 200);
    expect(certificatesIn(`${broken}\n${bundleOf([authority])}`)).toEqual([authority]);
  });
});

describe('rotation', () => {
  it('begins with a certificate', () => {
    expect(step({ stored: readStored({}) }).kind).toBe('issue');
  });

  it('rests while it is good', async () => {
    expect(step({ stored: await stored(), trustedForMs: 1e9 })).toEqual({ kind: 'rest' });
  });

  it('makes another at once where the one there is of no use', async () => {
    const one = await stored();
    expect(step({ stored: one, hosts: ['other.ops.svc'] }).kind).toBe('issue');
    expect(step({ stored: { ...one, authorities: [] } }).kind).toBe('issue');
    expect(step({ stored: one, now: NOW + 91 * DAY }).kind).toBe('issue');
  });

  it('has the successor trusted before it is served', async () => {
    const later = NOW + 60 * DAY;
    const old = await stored();
    expect(step({ stored: old, now: later - 1 }).kind).toBe('rest');
    expect(step({ stored: old, now: later }).kind).toBe('prepare');
    const { authority, ...next } = await issued(later);
    const both = { serving: old.serving, next, authorities: [...old.authorities, authority] };
    expect(step({ stored: both, now: later, trustedForMs: 299_999 }).kind).toBe('rest');
    expect(step({ stored: both, now: later, trustedForMs: 300_000 })).toEqual({
      kind: 'store',
      because: 'it is trusted by now',
      stored: { serving: next, next: undefined, authorities: both.authorities },
    });
  });

  it('trusts an authority for as long as its certificate could be in use', async () => {
    const [old, now] = [await stored(), NOW + 60 * DAY];
    const { authority, ...serving } = await issued(now);
    const changed = { serving, next: undefined, authorities: [...old.authorities, authority] };
    expect(step({ stored: changed, now: NOW + 90 * DAY - 1 })).toEqual({ kind: 'rest' });
    expect(step({ stored: changed, now: NOW + 90 * DAY })).toEqual({
      kind: 'store',
      because: 'an authority has ended',
      stored: { ...changed, authorities: [authority] },
    });
  });

  it('takes the successor at once where the one before is of no use', async () => {
    const { authority, ...next } = await issued();
    const broken = { serving: undefined, next, authorities: [authority] };
    expect(step({ stored: broken })).toMatchObject({ kind: 'store', stored: { serving: next, next: undefined } });
  });

  it('drops a successor that could not be served', async () => {
    const [one, { authority, ...next }] = [await stored(), await issued(NOW, ['other.ops.svc'])];
    const both = { ...one, next, authorities: [...one.authorities, authority] };
    expect(step({ stored: both, trustedForMs: 1e9 })).toMatchObject({ kind: 'store', stored: { next: undefined } });
  });
});

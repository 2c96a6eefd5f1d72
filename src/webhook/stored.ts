import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { isRecord } from '../lib/json.ts';
import type { KeyPair } from '../runtime/https-server.ts';

/** What the replicas share in the Secret. Everything PEM. */
export interface Stored {
  /** What is served with. */
  readonly serving: KeyPair | undefined;
  /** What will be, as soon as API servers trust its authority. */
  readonly next: KeyPair | undefined;
  /** The authorities to be trusted: those of both, and of certificates that may still be in use somewhere. */
  readonly authorities: readonly string[];
}

/** Data of a Secret, base64; null for what is to be taken out of it. */
export type SecretData = Readonly<Record<string, string | null>>;

/** Reads the data of the Secret; what is missing or makes no sense counts as absent. */
export function readStored(data: unknown): Stored {
  const text = (key: string): string => {
    const value = isRecord(data) ? data[key] : undefined;
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
  };
  const pair = (name: string): KeyPair | undefined => {
    const [certificate, key] = [text(`${name}.crt`), text(`${name}.key`)];
    return certificate === '' || key === '' ? undefined : { certificate, key };
  };
  return { serving: pair('tls'), next: pair('next'), authorities: certificatesIn(text('ca.crt')) };
}

/** The data that makes a Secret hold this. */
export function storedData({ serving, next, authorities }: Stored): SecretData {
  const base64 = (text: string | undefined) => (text === undefined ? null : Buffer.from(text).toString('base64'));
  return {
    'ca.crt': base64(bundleOf(authorities)),
    'tls.crt': base64(serving?.certificate),
    'tls.key': base64(serving?.key),
    'next.crt': base64(next?.certificate),
    'next.key': base64(next?.key),
  };
}

/** Authorities as clients take them: one PEM text. */
export function bundleOf(authorities: readonly string[]): string {
  return authorities.map((pem) => `${pem.trim()}\n`).join('');
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates in a PEM text, one by one; those that cannot be read are left out. */
export function certificatesIn(text: string): readonly string[] {
  return (text.match(PEM_CERTIFICATE) ?? []).filter((pem) => parsed(pem) !== undefined).map((pem) => `${pem}\n`);
}

/** When a certificate ends, in milliseconds since the epoch; undefined when it cannot be read. */
export function endOf(certificate: string): number | undefined {
  return parsed(certificate)?.validToDate.getTime();
}

/** Whether one can serve these hosts with it: it is whole, of its time, and signed by one of the authorities. */
export function isUsable(
  pair: KeyPair,
  { authorities, hosts, now }: { authorities: readonly string[]; hosts: readonly string[]; now: number },
): boolean {
  const certificate = parsed(pair.certificate);
  if (certificate === undefined || !isOf(certificate, pair.key)) return false;
  if (certificate.validFromDate.getTime() > now || certificate.validToDate.getTime() <= now) return false;
  if (!hosts.every((host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host))))
    return false;
  return authorities.some((authority) => hasSigned(parsed(authority), certificate));
}

function isOf(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function hasSigned(authority: X509Certificate | undefined, certificate: X509Certificate): boolean {
  if (authority === undefined || !certificate.checkIssued(authority)) return false;
  return certificate.verify(authority.publicKey);
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

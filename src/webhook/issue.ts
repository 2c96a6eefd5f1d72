import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { KeyPair } from '../runtime/https-server.ts';

/** A certificate to serve with, and the authority that signed it, whose key exists no more; PEM. */
export interface Issued extends KeyPair {
  readonly authority: string;
}

/** Whom a certificate is for, and for how long. Times are milliseconds, `now` since the epoch. */
export interface IssueRequest {
  /** DNS names or IP addresses; at least one. */
  readonly hosts: readonly string[];
  readonly now: number;
  readonly validityMs: number;
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Clocks of API servers may be behind by so much. */
const SKEW_MS = 3_600_000;

/**
 * A new serving certificate under a new authority (ECDSA, P-256, SHA-256). The authority signs this one and nothing ever
 * after: its key is dropped, so that nobody can steal it.
 */
export async function issueCertificate({ hosts, now, validityMs }: IssueRequest): Promise<Issued> {
  const [root, leaf] = await Promise.all([newKeys(), newKeys()]);
  const validity = { notBefore: new Date(now - SKEW_MS), notAfter: new Date(now + validityMs) };
  // Each authority has a name of its own, by which clients find the right one among several.
  const issuer = `CN=weir-webhook-ca-${serial().slice(0, 12)}`;
  const authority = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: serial(),
    subject: issuer,
    issuer,
    publicKey: root.publicKey,
    signingKey: root.privateKey,
    signingAlgorithm: ECDSA,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(root.publicKey),
    ],
  });
  const certificate = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: serial(),
    subject: 'CN=weir-webhook',
    issuer,
    publicKey: leaf.publicKey,
    signingKey: root.privateKey,
    signingAlgorithm: ECDSA,
    extensions: await leafExtensions(hosts, authority, leaf.publicKey),
  });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey), 'PRIVATE KEY');
  return { certificate: pem(certificate), key: `${key}\n`, authority: pem(authority) };
}

async function leafExtensions(
  hosts: readonly string[],
  authority: X509Certificate,
  publicKey: webcrypto.CryptoKey,
): Promise<Extension[]> {
  const names = hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const);
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(names),
    await SubjectKeyIdentifierExtension.create(publicKey),
    await AuthorityKeyIdentifierExtension.create(authority),
  ];
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
}

/** Positive and of 16 bytes, as RFC 5280 wants serial numbers. */
function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

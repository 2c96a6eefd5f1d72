import { createHash, createPublicKey, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import { bits, der, integer, objectId, octets, sequence, set, time, utf8, yes } from './der.ts';

/** A certificate and its private key, PEM. Keys are in the traditional form (SEC1, PKCS#1), which every client reads. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority that lives as long as this object. */
export interface Authority extends KeyPair {
  readonly subject: string;
  readonly privateKey: KeyObject;
  readonly keyId: Buffer;
}

/** Whom a certificate is for. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** `ec` (P-256, the default) is made in a millisecond; `rsa` (2048 bits) is for clients that read nothing else. */
  readonly keyType?: 'ec' | 'rsa';
}

const lifetimeMs = 10 * 365 * 24 * 3600 * 1000;
const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));

/** A new private key, and its PEM in the traditional form. */
export async function newKey(type: 'ec' | 'rsa'): Promise<{ privateKey: KeyObject; pem: string }> {
  const generate = promisify(generateKeyPair);
  if (type === 'rsa') {
    const { privateKey } = await generate('rsa', { modulusLength: 2048 });
    return { privateKey, pem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString() };
  }
  const { privateKey } = await generate('ec', { namedCurve: 'prime256v1' });
  return { privateKey, pem: privateKey.export({ type: 'sec1', format: 'pem' }).toString() };
}

/** The public half of a private key, PEM. */
export function publicPem(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
}

/** A new self-signed authority. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const { privateKey, pem } = await newKey('ec');
  const spki = publicDer(privateKey);
  const keyId = createHash('sha1').update(spki).digest();
  const extensions = [
    extension('2.5.29.19', true, sequence(yes())), // basicConstraints: CA
    extension('2.5.29.15', true, bits(Buffer.from([0x06]), 1)), // keyUsage: keyCertSign, cRLSign
    extension('2.5.29.14', false, octets(keyId)), // subjectKeyIdentifier
  ];
  const subject = name({ commonName });
  const certificate = assemble({ issuer: subject, subject, spki, extensions, signer: privateKey });
  return { certificate, key: pem, subject: commonName, privateKey, keyId };
}

/** A certificate for servers and clients, signed by the authority, with a new key. */
export async function issue(authority: Authority, request: CertificateRequest): Promise<KeyPair> {
  const { privateKey, pem } = await newKey(request.keyType ?? 'ec');
  const alternatives = [
    ...(request.dnsNames ?? []).map((dns) => der(0x82, Buffer.from(dns, 'ascii'))),
    ...(request.ipAddresses ?? []).map((address) => der(0x87, ipBytes(address))),
  ];
  const extensions = [
    extension('2.5.29.15', true, bits(Buffer.from([0xa0]), 5)), // keyUsage: digitalSignature, keyEncipherment
    extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1'), objectId('1.3.6.1.5.5.7.3.2'))), // server, client
    extension('2.5.29.35', false, sequence(der(0x80, authority.keyId))), // authorityKeyIdentifier
    ...(alternatives.length === 0 ? [] : [extension('2.5.29.17', false, sequence(...alternatives))]),
  ];
  const certificate = assemble({
    issuer: name({ commonName: authority.subject }),
    subject: name(request),
    spki: publicDer(privateKey),
    extensions,
    signer: authority.privateKey,
  });
  return { certificate, key: pem };
}

interface Parts {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly spki: Buffer;
  readonly extensions: readonly Buffer[];
  readonly signer: KeyObject;
}

function assemble(parts: Parts): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive and of full length
  const from = new Date(Date.now() - 3600 * 1000); // an hour ago: clocks differ
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    ecdsaWithSha256,
    parts.issuer,
    sequence(time(from), time(new Date(from.getTime() + lifetimeMs))),
    parts.subject,
    parts.spki,
    der(0xa3, sequence(...parts.extensions)),
  );
  const certificate = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, parts.signer)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function publicDer(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(critical ? [yes()] : []), octets(value));
}

function name({ commonName, organizations = [] }: Pick<CertificateRequest, 'commonName' | 'organizations'>): Buffer {
  const attribute = (id: string, text: string): Buffer => set(sequence(objectId(id), utf8(text)));
  return sequence(...organizations.map((text) => attribute('2.5.4.10', text)), attribute('2.5.4.3', commonName));
}

function ipBytes(address: string): Buffer {
  if (!isIPv4(address)) throw new Error(`only IPv4 addresses go into certificates here, not ${address}`);
  return Buffer.from(address.split('.').map(Number));
}

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createAuthority, issue, newKey, publicPem } from './certificates.ts';
import { integer, objectId, time } from './der.ts';

describe('certificates', () => {
  it('are signed by the authority and name their subject', async () => {
    const authority = await createAuthority('test');
    const pair = await issue(authority, {
      commonName: 'system:node:weir',
      organizations: ['system:nodes'],
      dnsNames: ['localhost', 'kubernetes.default.svc'],
      ipAddresses: ['127.0.0.1', '10.96.0.1'],
    });
    const [root, leaf] = [new X509Certificate(authority.certificate), new X509Certificate(pair.certificate)];
    expect(root.ca).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(pair.key))).toBe(true);
    expect(leaf.subject).toBe('O=system:nodes\nCN=system:node:weir');
    expect(leaf.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc');
    expect(leaf.checkIP('10.96.0.1')).toBe('10.96.0.1');
    expect(leaf.checkIP('10.96.0.2')).toBeUndefined();
    expect(leaf.validFromDate.getTime()).toBeLessThan(Date.now());
    expect(leaf.validToDate.getTime()).toBeGreaterThan(Date.now() + 9 * 365 * 24 * 3600 * 1000);
  });

  it('are not accepted from another authority of the same name', async () => {
    const [one, other] = [await createAuthority('test'), await createAuthority('test')];
    const leaf = new X509Certificate((await issue(one, { commonName: 'x' })).certificate);
    expect(leaf.verify(new X509Certificate(other.certificate).publicKey)).toBe(false);
  });

  it('carry a TLS connection with both sides checked', async () => {
    const authority = await createAuthority('test');
    const server = await issue(authority, { commonName: 'server', dnsNames: ['localhost'], keyType: 'rsa' });
    const client = await issue(authority, { commonName: 'admin' });
    const ca = authority.certificate;
    const options = { cert: server.certificate, key: server.key, ca, requestCert: true, rejectUnauthorized: true };
    const listener = createServer(options, (socket) => {
      socket.end(String(socket.getPeerCertificate().subject.CN));
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const pair = { cert: client.certificate, key: client.key };
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ...pair });
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toBe('admin');
    socket.destroy();
    listener.close();
  });

  it('have keys in the traditional form', async () => {
    expect((await newKey('ec')).pem).toContain('BEGIN EC PRIVATE KEY');
    const { privateKey, pem } = await newKey('rsa');
    expect(pem).toContain('BEGIN RSA PRIVATE KEY');
    expect(publicPem(privateKey)).toContain('BEGIN PUBLIC KEY');
  });

  it('are refused for addresses that are none', async () => {
    const authority = await createAuthority('test');
    await expect(issue(authority, { commonName: 'x', ipAddresses: ['::1'] })).rejects.toThrow('IPv4');
  });
});

describe('DER', () => {
  it('writes object identifiers', () => {
    expect(objectId('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302');
    expect(objectId('2.5.29.17').toString('hex')).toBe('0603551d11');
  });

  it('keeps integers positive', () => {
    expect(integer(Buffer.from([0x80])).toString('hex')).toBe('02020080');
    expect(integer(Buffer.from([2])).toString('hex')).toBe('020102');
  });

  it('changes the form of time in 2050', () => {
    expect(time(new Date('2049-12-31T23:59:59Z')).toString('latin1')).toContain('491231235959Z');
    expect(time(new Date('2050-01-01T00:00:00Z')).toString('latin1')).toContain('20500101000000Z');
  });
});

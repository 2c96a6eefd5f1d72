import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateSource } from './https-server.ts';
import type { Logger } from './logger.ts';
import type { Cancel, Time } from './time.ts';

/** Where certificates of others are found. */
export interface MountedOptions {
  /** Who serves with them, for the log: `the webhook`. */
  readonly server: string;
  /** A folder with tls.crt and tls.key, as a Secret of type kubernetes.io/tls is mounted. */
  readonly folder: string;
  readonly checkMs: number;
  readonly time: Time;
  readonly log: Logger;
}

/** Certificates that somebody else renews, such as cert-manager: the files are looked at again from time to time. */
export function createMountedSource({ server, folder, checkMs, time, log }: MountedOptions): CertificateSource {
  let cancel: Cancel = () => undefined;
  let used = '';
  const read = (use: Parameters<CertificateSource['start']>[0]): void => {
    cancel = time.after(checkMs, () => read(use));
    try {
      const certificate = readFileSync(join(folder, 'tls.crt'), 'utf8');
      const key = readFileSync(join(folder, 'tls.key'), 'utf8');
      if (`${certificate}${key}` === used) return;
      use({ certificate, key });
      used = `${certificate}${key}`;
      log.info({ folder }, `${server} serves with another certificate`);
    } catch (err) {
      // While it is being renewed, the two may not belong together yet.
      log.warn({ err, folder }, `the certificate of ${server} cannot be used`);
    }
  };
  return { start: read, stop: () => cancel() };
}

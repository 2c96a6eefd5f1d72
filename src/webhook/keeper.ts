import type { KubeObject, ObjectRef } from '../kube/object.ts';
import type { CertificateSource, KeyPair } from '../runtime/https-server.ts';
import { createKinds } from '../runtime/kinds.ts';
import type { KubeClient } from '../runtime/kube-client.ts';
import type { Logger } from '../runtime/logger.ts';
import { backoffMs, type Cancel, type Time } from '../runtime/time.ts';
import { type RotationStep, type RotationTiming, rotationStep } from './rotation.ts';
import { bundleOf, readStored, type Stored, storedData } from './stored.ts';

const KINDS = {
  secret: { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
  configuration: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    plural: 'validatingwebhookconfigurations',
    namespaced: false,
  },
} as const;

const APPLY = 'application/apply-patch+yaml';
const PATHS = createKinds(Object.values(KINDS));

/** Field manager of what is trusted, apart from the operator's other writes and from whoever installs. */
export const KEEPER_MANAGER = 'weir-webhook';

/** What a keeper is made with. */
export interface KeeperOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Name of the Secret that the replicas share; it must be there. */
  readonly secret: string;
  /** Name of the ValidatingWebhookConfiguration that is to trust the certificates. */
  readonly configuration: string;
  readonly hosts: readonly string[];
  readonly timing: RotationTiming & { readonly checkMs: number };
  readonly time: Time;
  readonly log: Logger;
}

/** A check that failed is made again after 1 s, 2 s, 4 s … and at most this. */
const RETRY = { base: 1000, cap: 60_000 };

interface State {
  /** The bundle that is in the webhook configuration, and since when that is known (monotonic). */
  trusted: { readonly bundle: string; readonly since: number } | undefined;
  served: string | undefined;
  failures: number;
}

/**
 * Certificates made by the operator itself, kept in a Secret: every replica looks at it from time to time, takes what
 * another one made, makes what is missing, and sees to it that the webhook configuration trusts it. Replicas that act at
 * once get in each other's way once: a write goes through only on the version it was decided on.
 */
export function createKeeper(options: KeeperOptions): CertificateSource {
  const { time, log, timing } = options;
  const state: State = { trusted: undefined, served: undefined, failures: 0 };
  let cancel: Cancel = () => undefined;
  let stopped = false;

  const round = async (use: (pair: KeyPair) => void): Promise<void> => {
    try {
      await check(options, state, use);
      state.failures = 0;
    } catch (err) {
      log.warn({ err, secret: options.secret }, 'the certificates of the webhook could not be seen to');
      state.failures++;
    }
    const waitMs = state.failures === 0 ? timing.checkMs : backoffMs(state.failures - 1, RETRY, time.random());
    if (!stopped) cancel = time.after(waitMs, () => void round(use));
  };
  return {
    start: (use) => void round(use),
    stop() {
      stopped = true;
      cancel();
    },
  };
}

async function check(options: KeeperOptions, state: State, use: (pair: KeyPair) => void): Promise<void> {
  const stored = await rotated(options, state);
  const serve = (): void => {
    if (stored.serving === undefined || stored.serving.certificate === state.served) return;
    use(stored.serving);
    state.served = stored.serving.certificate;
    options.log.info({ hosts: options.hosts }, 'the webhook serves with another certificate');
  };
  try {
    await trust(options, state, bundleOf(stored.authorities));
  } finally {
    // Also where that failed: whoever trusts the certificate already is answered.
    serve();
  }
}

/** Replicas that want certificates for different hosts, as in an upgrade, would add to it without end. */
const MAX_AUTHORITIES = 8;

/** More steps than ever follow on one another. */
const MAX_STEPS = 5;

/** Takes steps until there is none left, each on the version of the Secret it was decided on. */
async function rotated(options: KeeperOptions, state: State): Promise<Stored> {
  const { client, time, hosts, timing, log } = options;
  const ref = { ...KINDS.secret, namespace: options.namespace, name: options.secret };
  let secret = (await client.request({ method: 'GET', path: PATHS.object(ref) })) as KubeObject;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const stored = readStored(secret.data);
    const { trusted } = state;
    const isTrusted = trusted?.bundle === bundleOf(stored.authorities);
    const trustedForMs = isTrusted ? time.monotonic() - trusted.since : 0;
    const step = rotationStep({ stored, hosts, now: time.now(), trustedForMs }, timing);
    if (step.kind === 'rest') return stored;
    const { resourceVersion } = secret.metadata;
    const data = storedData(await after(options, step, stored));
    const change = { metadata: { resourceVersion }, data };
    secret = (await patch(client, ref, 'application/merge-patch+json', change)) as KubeObject;
    log.info({ step: step.kind, because: step.because }, 'the certificates of the webhook changed');
  }
  throw new Error('the certificates of the webhook keep changing');
}

async function after({ hosts, time, timing }: KeeperOptions, step: RotationStep, stored: Stored): Promise<Stored> {
  if (step.kind === 'store') return step.stored;
  // Loaded only where one is made, since it takes time that every start would pay for.
  const { issueCertificate } = await import('./issue.ts');
  const { authority, ...pair } = await issueCertificate({ hosts, now: time.now(), validityMs: timing.validityMs });
  const authorities = [...stored.authorities, authority].slice(-MAX_AUTHORITIES);
  return step.kind === 'issue'
    ? { serving: pair, next: undefined, authorities }
    : { serving: stored.serving, next: pair, authorities };
}

/** Sees to it that every webhook of the configuration trusts exactly these authorities. */
async function trust({ client, configuration, time }: KeeperOptions, state: State, bundle: string): Promise<void> {
  const { apiVersion, kind } = KINDS.configuration;
  const ref = { apiVersion, kind, name: configuration };
  const caBundle = Buffer.from(bundle).toString('base64');
  const found = (await client.request({ method: 'GET', path: PATHS.object(ref) })) as WebhookConfiguration;
  const { webhooks = [] } = found;
  if (webhooks.some(({ clientConfig }) => clientConfig.caBundle !== caBundle)) {
    const trusting = webhooks.map(({ name }) => ({ name, clientConfig: { caBundle } }));
    state.trusted = undefined;
    await patch(client, ref, APPLY, { apiVersion, kind, metadata: { name: configuration }, webhooks: trusting });
  }
  if (state.trusted?.bundle !== bundle) state.trusted = { bundle, since: time.monotonic() };
}

/** What is read of a ValidatingWebhookConfiguration (admissionregistration.k8s.io/v1). */
interface WebhookConfiguration {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[];
}

function patch(client: KubeClient, ref: ObjectRef, contentType: string, body: object): Promise<unknown> {
  const force = contentType === APPLY ? { force: true } : {};
  const query = { fieldManager: KEEPER_MANAGER, ...force };
  return client.request({ method: 'PATCH', path: PATHS.object(ref), query, contentType, body });
}

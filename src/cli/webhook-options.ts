import type { OptionInfo } from './option-info.ts';

/** The options about the admission webhook, in the order help texts show them. */
export const WEBHOOK_OPTIONS = {
  webhookPort: {
    flag: '--webhook-port',
    argument: 'port',
    env: 'WEIR_WEBHOOK_PORT',
    default: undefined,
    describe: 'port of the validating admission webhook, which there is only when this is given; 0 takes any free one',
  },
  webhookHosts: {
    flag: '--webhook-hosts',
    argument: 'list',
    env: 'WEIR_WEBHOOK_HOSTS',
    default: '',
    describe:
      'DNS names or addresses by which API servers call the webhook, comma-separated: <service>.<namespace>.svc',
  },
  webhookSecret: {
    flag: '--webhook-secret',
    argument: 'name',
    env: 'WEIR_WEBHOOK_SECRET',
    default: 'weir-webhook',
    describe:
      'Secret in which the replicas share the certificates they make, in the namespace of the Lease; it must exist, and may be empty',
  },
  webhookConfiguration: {
    flag: '--webhook-configuration',
    argument: 'name',
    env: 'WEIR_WEBHOOK_CONFIGURATION',
    default: undefined,
    describe: 'ValidatingWebhookConfiguration that is made to trust them',
  },
  webhookCertDir: {
    flag: '--webhook-cert-dir',
    argument: 'folder',
    env: 'WEIR_WEBHOOK_CERT_DIR',
    default: undefined,
    describe: 'folder with tls.crt and tls.key that somebody else renews, such as cert-manager; none are made then',
  },
} as const satisfies Readonly<Record<string, OptionInfo>>;

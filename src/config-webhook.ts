import * as z from 'zod';
import { hosts, objectName, wholeNumber } from './config-values.ts';

/** The admission webhook: where it listens and where its certificates come from. */
export interface WebhookConfig {
  /** 0 takes any free one. */
  readonly port: number;
  readonly certificates:
    | { readonly from: 'folder'; readonly folder: string }
    | {
        readonly from: 'secret';
        readonly namespace: string;
        readonly secret: string;
        /** The ValidatingWebhookConfiguration that is to trust them. */
        readonly configuration: string;
        readonly hosts: readonly string[];
      };
}

/** The options about the webhook, as they are parsed. Without a port there is none. */
export const webhookFields = {
  webhookPort: wholeNumber(0, 65_535).optional(),
  webhookHosts: hosts,
  webhookSecret: objectName,
  webhookConfiguration: objectName.optional(),
  webhookCertDir: z.string().optional(),
};

interface Values extends z.output<z.ZodObject<typeof webhookFields>> {
  readonly leaseNamespace?: string | undefined;
}

/** Flags that must be given for certificates of the operator's own, and are not. */
export function missingForWebhook(values: Values): readonly string[] {
  const { webhookPort, webhookCertDir, webhookHosts, webhookConfiguration, leaseNamespace } = values;
  if (webhookPort === undefined || webhookCertDir !== undefined) return [];
  return [
    ...(webhookHosts.length === 0 ? ['--webhook-hosts'] : []),
    ...(webhookConfiguration === undefined ? ['--webhook-configuration'] : []),
    ...(leaseNamespace === undefined ? ['--lease-namespace'] : []),
  ];
}

/** The configuration of the webhook; undefined when there is none. Expects that nothing is missing. */
export function webhookConfigOf(values: Values): WebhookConfig | undefined {
  const { webhookPort: port, webhookCertDir: folder, webhookHosts, webhookSecret: secret } = values;
  const { leaseNamespace: namespace = '', webhookConfiguration: configuration = '' } = values;
  if (port === undefined) return undefined;
  if (folder !== undefined) return { port, certificates: { from: 'folder', folder } };
  return { port, certificates: { from: 'secret', namespace, secret, configuration, hosts: webhookHosts } };
}

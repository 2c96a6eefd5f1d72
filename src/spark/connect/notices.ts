import type { KubeObject } from '../../kube/object.ts';
import { fieldPath } from '../../kube/parse.ts';
import { isRecord } from '../../lib/json.ts';
import { SPARK_CONTAINERS } from '../conf/pod-templates.ts';
import { asked, idle } from '../notice.ts';
import { programWarnings } from '../notices.ts';
import { restartNotices } from '../restart-notices.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { applicationFor } from './application.ts';
import type { SparkConnectSpec } from './schema.ts';
import { servicePorts } from './service-ports.ts';

/** A sentence about each field of a SparkConnect that is set in vain, as of an application whose driver is the server. */
export function connectWarnings(connect: KubeObject, spec: SparkConnectSpec): readonly string[] {
  const { restartPolicyType: type = 'Always', ...retries } = spec.restartPolicy ?? {};
  return [
    ...programWarnings(applicationFor(connect, spec).spec, DEFAULT_SETTINGS).map(fieldsOfServer),
    ...restartNotices({ type, ...retries }, 'restartPolicyType'),
    ...templateNotices(spec),
    ...serviceNotices(connect, spec),
  ];
}

/** Sentences about fields of an application, joined by `; ` or one alone, as they are about those of a SparkConnect. */
export function fieldsOfServer(sentences: string): string {
  return sentences.replaceAll(/(^|\s)spec\.driver\b/g, '$1spec.server');
}

/** How the server is started and started again is not the template's to say (nor is the first with the incumbent). */
function templateNotices({ server }: SparkConnectSpec): readonly string[] {
  const pod: unknown = server?.template?.spec;
  if (!isRecord(pod)) return [];
  const { restartPolicy } = pod;
  const containers = Array.isArray(pod.containers) ? pod.containers : [];
  const index = Math.max(
    0,
    containers.findIndex((item) => isRecord(item) && item.name === SPARK_CONTAINERS.driver),
  );
  const container: unknown = containers[index];
  const { command, args } = isRecord(container) ? container : {};
  const at = fieldPath(['spec', 'server', 'template', 'spec', 'containers', index]);
  return [
    ...idle(asked(at, { command, args }), 'the server is started by the entry point of its image'),
    ...idle(
      restartPolicy === 'Never' ? [] : asked('spec.server.template.spec', { restartPolicy }),
      'spec.restartPolicy says when the server is started again',
    ),
  ];
}

/** What clients reach by the Service is the server. */
function serviceNotices({ metadata }: KubeObject, spec: SparkConnectSpec): readonly string[] {
  const at = 'spec.server.service';
  const service: unknown = spec.server?.service;
  if (!isRecord(service)) return [];
  const { selector } = isRecord(service.spec) ? service.spec : {};
  const { namespace } = isRecord(service.metadata) ? service.metadata : {};
  const own = metadata.namespace ?? 'default';
  return [
    ...servicePorts(spec).notices,
    ...idle(asked(`${at}.spec`, { selector }), 'the Service always leads to the server'),
    ...idle(
      namespace === own ? [] : asked(`${at}.metadata`, { namespace }),
      `the Service is where the server is, in ${own}`,
    ),
  ];
}

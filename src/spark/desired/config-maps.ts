import { dump } from 'js-yaml';
import type { KubeObject } from '../../kube/object.ts';
import { hashHex } from '../../lib/hash.ts';
import { confMapName, templateMapName } from '../conf/submission.ts';
import { executorTemplate } from './executor-template.ts';
import { type Build, metadataOf } from './names.ts';
import { propertiesText } from './properties.ts';
import { PROPERTIES_KEY, TEMPLATE_KEY } from './volumes.ts';

/** The conf folder of the driver. Made anew for each submission, so it never has to change. */
export function confMap(build: Build): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(build, confMapName(build.submission), {}),
    immutable: true,
    data: { [PROPERTIES_KEY]: propertiesText(build.conf) },
  };
}

/** Annotation of a template that may change: a hash of it. */
export const TEMPLATE_HASH = 'weir.dev/desired-hash';

/** The template the driver makes its executor pods from. It changes only where a run may go on with another placement. */
export function templateMap(build: Build): KubeObject {
  const text = dump(executorTemplate(build), { lineWidth: -1, noRefs: true, sortKeys: true });
  const { partialRestart } = build.settings;
  const annotations = partialRestart ? { [TEMPLATE_HASH]: hashHex(text) } : {};
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(build, templateMapName(build.submission), { annotations }),
    ...(partialRestart ? {} : { immutable: true }),
    data: { [TEMPLATE_KEY]: text },
  };
}

import { dump } from 'js-yaml';
import type { KubeObject } from '../../kube/object.ts';
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

/** The template the driver makes its executor pods from. */
export function templateMap(build: Build): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(build, templateMapName(build.submission), {}),
    immutable: true,
    data: { [TEMPLATE_KEY]: dump(executorTemplate(build), { lineWidth: -1, noRefs: true, sortKeys: true }) },
  };
}

import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { isPortName } from '../kube/names.ts';
import type { SparkApplicationSpec } from './schema.ts';

/** Every rule that spec.monitoring breaks. Without `prometheus` nothing of it is used, as by the incumbent. */
export function validateMonitoring({ monitoring }: SparkApplicationSpec): readonly Issue[] {
  const prometheus = monitoring?.prometheus;
  if (prometheus === undefined) return [];
  const at = (field: string) => ['spec', 'monitoring', 'prometheus', field];
  const { jmxExporterJar, configFile, port = 8090, portName = 'jmx-exporter' } = prometheus;
  const { metricsPropertiesFile } = monitoring ?? {};
  return [
    ...(jmxExporterJar === undefined ? [issueAt(at('jmxExporterJar'), undefined, PATH_RULE)] : []),
    ...pathIssues(at('jmxExporterJar'), jmxExporterJar),
    ...pathIssues(at('configFile'), configFile || undefined),
    ...pathIssues(['spec', 'monitoring', 'metricsPropertiesFile'], metricsPropertiesFile || undefined),
    ...(port >= 1024 && port <= 49_151 ? [] : [issueAt(at('port'), port, 'be a port from 1024 to 49151')]),
    ...(isPortName(portName)
      ? []
      : [issueAt(at('portName'), portName, "be at most 15 lower-case letters, digits and '-'")]),
  ];
}

const PATH_RULE = 'be a path in the image, without white space';

/** It becomes a part of a Java option, which white space would end. */
function pathIssues(path: readonly PropertyKey[], text: string | undefined): readonly Issue[] {
  return text === undefined || /^\S+$/.test(text) ? [] : [issueAt(path, text, PATH_RULE)];
}

import { jsonSchemaOf } from '../../src/kube/structural-schema.ts';
import { SPARK_API_VERSION, SparkApplicationSpec, SparkApplicationStatus } from '../../src/spark/schema.ts';
import { fieldTables } from './fields.ts';

const HEAD = `# SparkApplication

\`apiVersion: ${SPARK_API_VERSION}\`, \`kind: SparkApplication\`, short name \`sparkapp\`. This page is generated from the schema in
src/spark; \`kubectl explain sparkapplication.spec\` says the same.

Every field is optional for the API server, and no defaults are written into your object. What has to be there is checked by
Weir, which says in one message everything that is wrong: the field, the value and the rule.
`;

const RULES = `## What is refused

| about | rule |
| --- | --- |
| \`metadata.name\` | at most 63 characters: lower-case letters, digits and \`-\`, starting with a letter, not ending with \`-\` |
| \`sparkVersion\` | must be there; 3.0 or newer |
| \`mode\` | \`cluster\` only |
| \`image\` | of driver and executors: in the role, the spec or the role's template |
| \`mainApplicationFile\`, \`deps\` | in the image (\`local:///\`) or a URI that the driver can read; a bare path or \`file:\` would be of the machine that submits |
| \`mainClass\` | must be there for a jar of the image |
| \`memory\`, \`memoryOverhead\` | whole number with a unit b, k, m, g, t, p; overhead without a unit is MiB |
| \`cores\`, \`instances\` | at least 1; \`coreLimit\` at least \`coreRequest\` |
| \`labels\` | not those Spark tells its pods by (\`spark-role\`, \`spark-app-selector\`, …) |
| \`volumeMounts\` | name a volume of \`spec.volumes\` or of the template |
| \`template\` | containers, volumes and environment variables have names, no name twice |
| \`sparkConf\` | nothing that decides whose rights, image, cluster or namespace is used; nothing that only works where a JVM submits; keys of visible ASCII characters |
| \`batchScheduler\` | not supported yet |
`;

/** docs/reference/sparkapplication.md: what is refused, then every field of spec and status. */
export function sparkApplicationReference(): string {
  const spec = fieldTables('spec', jsonSchemaOf(SparkApplicationSpec));
  const status = fieldTables('status', jsonSchemaOf(SparkApplicationStatus));
  const note = 'Fields marked ⁺ are additions of Weir; all others are those of the Kubeflow Spark Operator.';
  return [HEAD, RULES, spec, `${note}\n`, status].join('\n');
}

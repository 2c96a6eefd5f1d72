import { jsonSchemaOf } from '../../src/kube/structural-schema.ts';
import { SPARK_CONNECT_KIND, SparkConnectSpec, SparkConnectStatus } from '../../src/spark/connect/schema.ts';
import { fieldTables } from './fields.ts';

const { apiVersion } = SPARK_CONNECT_KIND;

const HEAD = `# SparkConnect

\`apiVersion: ${apiVersion}\`, \`kind: SparkConnect\`, short name \`sparkconn\`. This page is generated from the schema in
src/spark/connect; \`kubectl explain sparkconnect.spec\` says the same.

It runs one Spark Connect server with its executors, and keeps it running.

\`\`\`yaml
apiVersion: ${apiVersion}
kind: SparkConnect
metadata:
  name: query
spec:
  sparkVersion: 4.0.1
  image: apache/spark:4.0.1
  server:
    memory: 1g
    serviceAccount: spark
  executor:
    instances: 2
\`\`\`

Clients use the Service \`query-server\`: \`SparkSession.builder.remote("sc://query-server:15002")\`. Before Spark 4.0 the server is not
in the image: name it in \`sparkConf\`, \`spark.jars.packages: org.apache.spark:spark-connect_2.12:3.5.9\`.

## What there is

To Spark the server is the driver of an application whose program is the Spark Connect server, and that is how Weir makes it: as a
[SparkApplication](sparkapplication.md) of its own kind, recorded in the status before anything is made, so that no crash of the operator starts a second
server. In this order:

1. The status, with the submission in \`status.run\`.
2. The Service for clients: \`<name>-server\`, or what \`server.service\` says, always with the ports \`driver-rpc\` 7078, \`blockmanager\` 7079,
   \`web-ui\` 4040 and \`spark-connect-server\` 15002 ([more ports](#ports-of-the-service)). It stays when the server is replaced.
3. The headless Service executors find the server by, a ConfigMap with the executors' pod template if there is one.
4. The pod \`<name>-server\`. It is started by the image's entry point, as drivers are; command and arguments of the template are left out. Requests and
   limits follow from cores and memory as for a driver, except where the template gives some. Without probes in the template it has those that ask port
   15002.
5. The ConfigMap with the properties, which the pod cannot start without, so that a server is not made twice.

The server makes its executors, so its service account needs the rights of a driver's.

| what | happens |
| --- | --- |
| the spec changes, but for \`server.service\` | the server is stopped and, once it is gone, started anew. Sessions end |
| \`server.service\` changes | the Service follows, the server goes on |
| the new spec is refused | the server goes on, conditions say what is wrong |
| the server ends, or its pod is lost or deleted | it is started again: always, or as \`restartPolicy\` says, after \`onFailureRetryInterval\` (5 s) times the starts so far, counted from the last start |
| annotation \`weir.dev/capacity-gate: "wait"\` | a server is started or replaced only once it and its executors fit the cluster ([capacity](../capacity.md)) |
| the resource is deleted | all goes with it |

| \`status.state\` | means |
| --- | --- |
| \`Ready\` | the server takes connections |
| \`NotReady\` | it does not yet, or is being replaced; the conditions say why |
| \`Failed\` | it is not started again, or the spec cannot be acted on |
| \`Completed\` | it ended well and is not started again |

\`kubectl wait --for=condition=Ready sparkconnect/query\` waits until clients can connect.

## Ports of the Service

\`server.service.spec.ports\` adds to the four ports, which the Service has in any case. An entry with the number of one of them gives that one its
\`nodePort\` and \`appProtocol\`; any other entry is a port of its own, such as one of a sidecar. By the name of one of the four and another number it leads to that
one. An entry without a name of its own gets one (\`port-443-tcp\`).

\`\`\`yaml
server:
  service:
    spec:
      type: NodePort
      ports:
      - port: 15002
        nodePort: 31002                  # clients outside the cluster: sc://NODE:31002
      - name: spark-connect-server       # leads to port 15002 of the server
        port: 443
\`\`\`

A node port that is taken already is refused by the API server, whose words are in the conditions; the server is not started then.

## Otherwise than with the Kubeflow Spark Operator

A server of the Kubeflow Spark Operator is taken over as it runs; its Service and status follow. The next edit replaces it.

There, edits change nothing that runs. A container that ended is started again in its pod, beside executors of the one before; here a new
pod has executors of its own. There, a pod without a template has no requests. There, \`server.service.spec.ports\` is replaced by the four ports without a word:
a manifest that has such entries gets the ports it asks for here.

## What is warned of

What is set in vain is named on applying, in \`weir plan\` and in the event \`FieldNotApplied\`, as of a
[SparkApplication](sparkapplication.md#what-is-warned-of). Besides: \`command\`, \`args\` and \`restartPolicy\` in the server's template; of \`server.service\` its
selector, a namespace that is not the server's, another name or target of a port of the server, node ports of a type that has none, and ports that no Service can have.
The Kubeflow Spark Operator replaces command, arguments and ports without a word, and joins the selector with its own.

## What is refused

| about | rule |
| --- | --- |
| \`metadata.name\` | at most 56 characters: lower-case letters, digits and \`-\`, starting with a letter, not ending with \`-\` |
| \`sparkVersion\` | must be there; 3.0 or newer |
| \`image\` | in the spec, or in the Spark container of both templates |
| \`server.service\` | a name that a Service may have |
| \`executor.instances\` | at least 1; 0 with dynamic allocation: spark-submit starts no server without executors otherwise |
| \`cores\`, \`memory\`, \`template\`, \`sparkConf\`, \`dynamicAllocation\` | as of a SparkApplication |
`;

/** docs/reference/sparkconnect.md: what there is, rules, then every field of spec and status. */
export function sparkConnectReference(): string {
  const spec = fieldTables('spec', jsonSchemaOf(SparkConnectSpec));
  const status = fieldTables('status', jsonSchemaOf(SparkConnectStatus.omit({ run: true })));
  const run =
    '`status.run`⁺ has the fields of the [status of a SparkApplication](sparkapplication.md): the run of the server.';
  const note = 'Fields marked ⁺ are additions of Weir; all others are those of the Kubeflow Spark Operator.';
  return [HEAD, spec, `${note}\n`, status, `${run}\n`].join('\n');
}

import { jsonSchemaOf } from '../../src/kube/structural-schema.ts';
import { SPARK_API_VERSION, SparkApplicationSpec, SparkApplicationStatus } from '../../src/spark/schema.ts';
import { fieldTables } from './fields.ts';

const HEAD = `# SparkApplication

\`apiVersion: ${SPARK_API_VERSION}\`, \`kind: SparkApplication\`, short name \`sparkapp\`. This page is generated from the schema in
src/spark; \`kubectl explain sparkapplication.spec\` says the same.

Every field is optional for the API server, and no defaults are written into your object. What has to be there is checked by
Weir, which says in one message everything that is wrong: the field, the value and the rule.

## How it is submitted

There is no spark-submit, no JVM and no webhook: Weir makes what a submission in cluster mode makes. In this order:

1. The status: \`SUBMITTED\` with the id of the submission, before anything is made, so that no crash of the operator runs an
   application twice.
2. The headless Service of the driver, and a ConfigMap with the pod template of the executors where fields of \`spec.executor\`
   need it. They are the application's and go with it; those of earlier submissions are deleted.
3. What the application has beside its pods: the Service of the Spark UI, \`<name>-ui-svc\`, and its Ingress, \`<name>-ui-ingress\`;
   the PodGroup of a batch scheduler; the ConfigMap of the JMX exporter, \`<name>-prom-conf\`; a Service and an Ingress for each of \`driverIngressOptions\`; a PodDisruptionBudget where \`driverPodDisruptionBudget\` is true.
   Their names are the same for each run. They go with a suspension or another run, PodGroup and disruption budget with the end of the run too.
4. The driver pod, \`<name>-driver\` or \`driver.podName\`, with every field of \`spec.driver\` in it. It is created, never applied: a
   pod of that name that is there already is left alone and waited for.
5. The ConfigMap with \`spark.properties\`, which the pod mounts and cannot start without. As long as it is not there the driver has
   never run; once it is there the driver is not made again, so that one that ran and is gone is not run twice.

Executors are made by the driver, as always. Its service account therefore needs rights on pods, services, configmaps and
persistentvolumeclaims in its namespace.

Properties take precedence as with the incumbent: \`sparkConf\` wins over \`imagePullPolicy\`, \`imagePullSecrets\`,
\`pythonVersion\` and \`memoryOverheadFactor\`, then come \`hadoopConf\` and all other fields. Kubernetes does not tell a variable of
\`executor.env\` from one that Spark itself sets for executors: Spark's wins.

Where \`sparkConf\` gives the driver a volume of the claim \`OnDemand\`, the claim is an ephemeral volume of the pod: Kubernetes makes it with the pod and deletes it with it.

The driver pod has \`enableServiceLinks: false\` unless its template says otherwise, since the environment would grow with each
Service of the namespace.

## Default properties

\`spark.defaults\` of the chart, or the \`spark-defaults.conf\` in the folder of \`weir run --spark-conf-dir\`, holds properties for every
SparkApplication, scheduled run and SparkConnect. They have the lowest precedence: any field and \`sparkConf\` win. What is refused in
\`sparkConf\` is refused there, and so are names, ports and secrets, which are not for all; the operator does not start with such a file, and
keeps the one before it where that changes while it runs. A submission is made of the defaults of its time, which stand in
\`status.submittedDefaults\`: a change restarts nothing and holds for what is submitted from then on, repeated runs among it. They count in what
an application needs, and \`weir plan --spark-conf-dir\` shows them with the origin \`operator default\`. A SparkConnect without
\`executor.instances\` has 2 executors all the same.

The incumbent's gate LoadSparkDefaults has spark-submit read the \`spark-defaults.conf\` of the operator's own image: put its lines into
\`spark.defaults\`. The file in the image of an application is read by neither, for that is what spark-submit does in cluster mode: the driver
gets the file that the submission wrote (\`--properties-file\`), which keeps Spark from looking for defaults (SparkSubmitArguments, 3.3 to 4.3),
and the folder it is in hides the image's own \`conf\`.

## The Spark UI

\`weir run\` has the flags of the incumbent: \`--enable-ui-service\` (true), \`--ingress-url-format\`, \`--ingress-class-name\`,
\`--ingress-tls\`, \`--ingress-annotations\`. With a URL format such as \`spark.example.org/{{$appNamespace}}/{{$appName}}\` each
application gets an Ingress; \`{{$appId}}\` is the id of its run. Under a path the Ingress has the rewrite rule of ingress-nginx, and
\`spark.ui.proxyBase\` is set where you do not set it. TLS and annotations of the resource are taken in place of those of the flags,
labels are added to Weir's. \`status.driverInfo\` has the names and addresses.

## Metrics of driver and executors

With \`monitoring.prometheus\` the JMX exporter of the image is loaded into the roles that are to be exposed: as the last of their Java
options, with the annotations \`prometheus.io/scrape\`, \`port\` and \`path\` and a port of the container. \`metrics.properties\` and the
exporter's configuration are in a ConfigMap, each unless it is in the image (\`metricsPropertiesFile\`, \`configFile\`); the series have
the incumbent's names. \`monitoring\` without \`prometheus\` does nothing, as there. Spark's servlet needs no more than
\`spark.ui.prometheus.enabled\` in \`sparkConf\`.

## Batch schedulers

With \`--enable-batch-scheduler\` an application may name \`volcano\`, \`yunikorn\` or a scheduler of \`--kube-scheduler-names\` (those with the
coscheduling of scheduler-plugins); \`--default-batch-scheduler\` is for those that name none. Driver and executors are that scheduler's.

| scheduler | is told by |
| --- | --- |
| Volcano | PodGroup \`spark-<name>-pg\` with queue and priority of \`batchSchedulerOptions\`, annotation \`scheduling.k8s.io/group-name\` |
| scheduler-plugins | PodGroup \`<name>-pg\`, label \`scheduling.x-k8s.io/pod-group\` |
| YuniKorn | annotations \`yunikorn.apache.org/task-group-name\` and, on the driver, \`task-groups\`; label \`queue\` |

A driver whose group does not fit waits, and \`Ready\` says \`Unschedulable\` with the scheduler's words. Seen with the scheduler of scheduler-plugins 0.34.7
(\`npm run e2e -- spark-gang\`), Volcano (main branch of August 2026) and YuniKorn 1.8.0 (\`spark-volcano\` and \`spark-yunikorn\`, in a cluster that
has them). YuniKorn tells of a group without room in events of its own placeholder pods only: \`Ready\` says \`WaitingForDriver\` then. Volcano needs its controllers too,
without which no queue is open.

A group needs what driver and executors request when they start, or \`batchSchedulerOptions.resources\`. Without the CRD of its PodGroup a
submission waits, and the condition \`Ready\` says so (\`KindNotFound\`).

Kueue needs no flag of Weir: an application with the label \`kueue.x-k8s.io/queue-name\` is suspended by Kueue's webhook when it is created, and
\`suspend\` is taken back once its queue has room. Kueue's labels of the resource stay off the pods; node selectors, tolerations and labels that it writes into
\`driver\` and \`executor\` reach them. One that is preempted is suspended and later submitted again, which uses up no retry (\`status.stoppedRuns\`); one
that had ended by then stays \`COMPLETED\` or \`FAILED\`. Seen with Kueue 0.17.0 and its chart (\`npm run e2e -- spark-kueue\`), where SparkApplications are alpha:

- its feature gate \`SparkApplicationIntegration\` is on, and \`sparkoperator.k8s.io/sparkapplication\` is among \`integrations.frameworks\` of its configuration,
- it refuses dynamic allocation, and reserves what \`coreRequest\` and \`memory\` of driver and executors say: no cores where neither \`coreRequest\` nor
  \`coreLimit\` is set, and no memory overhead,
- an edit of \`executor.instances\` is taken back by it while an application runs: delete that and apply it anew,
- one that is \`SUBMISSION_FAILED\` has ended for it, also while it is to be submitted again: it then runs beyond the quota.

[deploy/samples/spark/kueue.yaml](../../deploy/samples/spark/kueue.yaml) is an application of this queue, which has room for three cores of the nodes with the label:

\`\`\`yaml
apiVersion: kueue.x-k8s.io/v1beta2
kind: ResourceFlavor
metadata:
  name: linux
spec:
  nodeLabels:
    kubernetes.io/os: linux
---
apiVersion: kueue.x-k8s.io/v1beta2
kind: ClusterQueue
metadata:
  name: research
spec:
  namespaceSelector: {}
  resourceGroups:
    - coveredResources: [cpu, memory]
      flavors:
        - name: linux
          resources:
            - name: cpu
              nominalQuota: 3
            - name: memory
              nominalQuota: 6Gi
---
apiVersion: kueue.x-k8s.io/v1beta2
kind: LocalQueue
metadata:
  name: research
spec:
  clusterQueue: research
\`\`\`

## Metrics of applications

The operator's \`/metrics\` has the incumbent's names, after \`--metrics-prefix\` if there is one. Series have the labels of the resource
that \`--metrics-labels\` names (\`namespace\` is its namespace, \`Unknown\` stands for a label that is not there), and at most a thousand
sets of values: all further ones are \`Other\`. Only the leader counts, and only what changes while it runs: a restart counts nothing again.

| series | counts |
| --- | --- |
| \`spark_application_count\`, \`_submit_count\`, \`_failed_submission_count\` | applications taken up, submissions, those the API server refused |
| \`spark_application_running_count\` | applications that are \`RUNNING\` |
| \`spark_application_success_count\`, \`_failure_count\` | those that came to be \`COMPLETED\`, \`FAILED\` |
| \`spark_application_success_execution_time_seconds\`, \`_failure_execution_time_seconds\` | from the last submission to that end (sum and count) |
| \`spark_application_submit_latency_seconds\`, \`_start_latency_seconds\`, each with \`_histogram\` | from creation to the first submission, and until the first run runs |
| \`spark_executor_running_count\`, \`_success_count\`, \`_failure_count\` | executor pods |

## States

\`\`\`mermaid
stateDiagram-v2
  state "under way" as Live {
    state "a run" as Run {
      SUBMITTED --> RUNNING: the driver runs
      SUBMITTED --> UNKNOWN: its node does not answer
      RUNNING --> UNKNOWN: its node does not answer
      UNKNOWN --> RUNNING: it answers again
      RUNNING --> SUBMITTED: spec changed, the driver is gone
      UNKNOWN --> SUBMITTED: spec changed, the driver is gone
    }
    Run --> FAILING: failed, repeated later
    Run --> PENDING_RERUN: ended, repeated now
    Run --> SUBMISSION_FAILED: the API server refuses the driver
    FAILING --> PENDING_RERUN: the wait is over
    FAILING --> Run: spec changed, nothing is left
    PENDING_RERUN --> Run: the driver before is gone
    SUBMISSION_FAILED --> Run: the wait is over
  }
  [*] --> Live: created
  [*] --> SUSPENDED: created with spec.suspend
  [*] --> FAILED: the spec is refused
  Live --> COMPLETED: exit code 0, not repeated
  Live --> FAILED: failed and not repeated, or refused while nothing runs
  Live --> INVALIDATING: spec changed
  Live --> SUSPENDING: spec.suspend
  Live --> SUSPENDED: spec.suspend, nothing is left
  INVALIDATING --> Live: the driver is gone
  INVALIDATING --> SUSPENDING: spec.suspend
  INVALIDATING --> SUSPENDED: spec.suspend, nothing is left
  INVALIDATING --> FAILED: the newest spec is refused
  SUSPENDING --> SUSPENDED: the driver is gone
  SUSPENDING --> Live: no longer to be suspended
  SUSPENDING --> COMPLETED: it had ended before it was stopped
  SUSPENDING --> FAILED: the newest spec is refused
  SUSPENDED --> Live: no longer to be suspended
  SUSPENDED --> SUSPENDING: a driver is there after all
  COMPLETED --> INVALIDATING: spec changed
  COMPLETED --> Live: spec changed, nothing is left
  FAILED --> INVALIDATING: spec changed
  FAILED --> Live: spec changed, nothing is left
\`\`\`

| \`applicationState.state\` | means | next |
| --- | --- | --- |
| (empty) | new | \`SUBMITTED\`; \`FAILED\` where the spec is refused |
| \`SUBMITTED\` | recorded; the driver pod is made and starts | \`RUNNING\`, \`SUBMISSION_FAILED\`, or the end of a run. What keeps it from starting is in the condition \`Ready\`; an image that is not there ends the run five minutes after the pod got its node |
| \`RUNNING\` | the driver pod runs; while it is being evicted, preempted or loses its node, \`errorMessage\` says so | the end of a run |
| \`UNKNOWN\` | the driver's node does not answer | wait |
| \`COMPLETED\` | the Spark container ended with 0, whatever sidecars do | deleted after \`timeToLiveSeconds\` |
| \`FAILING\` | a run failed and another one is due later | \`PENDING_RERUN\` |
| \`FAILED\` | a run failed for good: \`errorMessage\` has exit code, reason (OOMKilled, Evicted, …) and the end of the driver's log | deleted after \`timeToLiveSeconds\` |
| \`SUBMISSION_FAILED\` | the API server refused the driver pod or what it needs | \`SUBMITTED\` or \`FAILED\` |
| \`PENDING_RERUN\` | the driver pod of the run before goes | \`SUBMITTED\` |
| \`INVALIDATING\` | the spec has changed; the driver pod goes | \`SUBMITTED\` |
| \`SUSPENDING\`, \`SUSPENDED\` | \`spec.suspend\` is true | \`SUBMITTED\` when it is no more |

A run is repeated as \`restartPolicy\` says, after its interval (5 s unless set) times the submissions so far. Any change of the spec but of
\`suspend\` and \`timeToLiveSeconds\` is another run, also after the end; one made while the operator is down is noticed when it is back.
A spec that is refused leaves alone what runs. What has ended stays as it is while \`suspend\` is true, whatever else is changed.

With \`--partial-restart\` a change of nothing but \`priorityClassName\`, \`nodeSelector\`, \`tolerations\`, \`affinity\` and \`schedulerName\` of \`spec.executor\` is no other
run: the executors' template is changed, and Spark makes further executors by it as soon as the kubelet has brought it into the driver pod, which takes up to a
minute. A run that was submitted without the flag, or without a template for executors, goes on as it was made.

\`--default-time-to-live-seconds\` holds where \`timeToLiveSeconds\` is not set. Labels of the resource are given to driver and executors, except those of Kueue.

An application of the Kubeflow Spark Operator is taken over as it stands: nothing is submitted again.

## Does it fit?

With the annotation \`weir.dev/capacity-gate: "wait"\` driver and executors are compared with quotas, LimitRanges and nodes before a driver
is made, and a submission that does not fit waits. Without it the sums are told once Kubernetes finds no place for a pod. Both in the
condition \`CapacityAvailable\`; \`weir plan --server\` says it beforehand ([capacity](../capacity.md)).

## What is not there yet

Refused: \`mode: client\`, Kerberos settings that need a JVM to submit.
Not applied is \`executor.memoryLimit\`: a driver makes executors with their request as limit, whatever their template says (Spark 3.3 to
4.3). The incumbent changes that by its pod webhook, and \`executor.memoryOverhead\` gives executors the same room.

## What is warned of

Fields that are set in vain are named on applying, in \`weir plan\` and in the event \`FieldNotApplied\`. None of it is refused.

| what | why it does nothing |
| --- | --- |
| \`executor.memoryLimit\` | see above |
| \`failureRetries\`, \`retryInterval\` | nobody reads them; \`restartPolicy\` says it |
| retries and intervals of \`restartPolicy\` | they are for the type \`OnFailure\`; intervals for \`Always\`, too. \`OnFailure\` without retries repeats nothing |
| \`timeToLiveSeconds\` | with \`restartPolicy.type: Always\` there is no end to count from |
| \`mainClass\` of Python and R, \`pythonVersion: "2"\` | Spark does not ask for them |
| \`monitoring\` without \`prometheus\`, or \`prometheus\` that neither role exposes | only the JMX exporter uses it |
| \`metricsProperties\`, \`prometheus.configuration\` | beside a file of the same, the file wins |
| fields of \`dynamicAllocation\` | \`enabled\` is missing, or is false while a property switches it on; \`enabled: false\` alone is silent |
| \`sparkUIOptions\` | \`spark.ui.enabled\` is false, or the operator makes no Services for UIs |
| Ingress fields of \`driverIngressOptions\` | without \`ingressURLFormat\` there is no Ingress |
| \`batchSchedulerOptions\`, \`schedulerName\` | there is no batch scheduler, or it is not told of them; it is the scheduler of all pods |
| properties of \`sparkConf\` | a field wins over them; over a few fields they win. Or they do not start with \`spark.\` |
| keys of \`hadoopConf\` that start with \`spark.hadoop.\` | it is put before them |
| image, \`resources\` and \`restartPolicy\` in pod templates | fields of the role win over the first two, of cpu and memory; pods are never restarted in place |
| fields of a template that no pod has | misspelt or misplaced ones, most likely |

Also warned of is what Spark refuses once the program makes its session, unless the program sets it otherwise: \`-Xmx\` and \`-Dspark…\` in
Java options of executors, dynamic allocation with nothing that keeps shuffle data, \`spark.task.cpus\` above the cores of an executor, and
encryption without \`spark.authenticate\`.
`;

const RULES = `## What is refused

| about | rule |
| --- | --- |
| \`metadata.name\` | at most 63 characters: lower-case letters, digits and \`-\`, starting with a letter, not ending with \`-\` |
| \`sparkVersion\` | must be there; 3.0 or newer |
| \`mode\` | \`cluster\` only |
| \`image\` | of driver and executors: in the role, the spec or the role's template |
| \`mainApplicationFile\`, \`deps\` | in the image (\`local:///\`) or a URI that the driver can read; a bare path or \`file:\` would be of the machine that submits. The main file of Python and R ends with \`.py\`, \`.R\` |
| \`mainClass\` | must be there for a jar of the image |
| \`memory\`, \`memoryOverhead\` | whole number with a unit b, k, m, g, t, p; overhead without a unit is MiB |
| \`cores\`, \`instances\` | at least 1, \`spark.executor.instances\` too unless allocation is dynamic; \`coreLimit\` at least \`coreRequest\`, be they fields or properties |
| \`driver.javaOptions\` | no \`-Xmx\`, which spark-submit refuses; the same in \`spark.driver.extraJavaOptions\` and \`defaultJavaOptions\` |
| \`proxyUser\` | not beside \`spark.kerberos.principal\`: spark-submit takes one of them |
| \`memoryLimit\` | an amount above 0, in Java's units or Kubernetes' own |
| \`gpu\` | the name of a resource and how many, both |
| \`ports\` | \`containerPort\` from 1 to 65535; TCP, UDP or SCTP; names of at most 15 lower-case letters, digits and \`-\` |
| \`labels\` | not those Spark tells its pods by (\`spark-role\`, \`spark-app-selector\`, …) |
| \`labels\`, \`annotations\` | keys, and values of labels, as Kubernetes takes them |
| \`env\`, \`envSecretKeyRefs\` | have a name; a Secret and a key of it |
| \`sidecars\`, \`initContainers\` | have a name that no other container has |
| \`serviceAccount\`, \`terminationGracePeriodSeconds\` | a name, at least 0 |
| \`volumeMounts\` | name a volume of \`spec.volumes\` or of the template, and a path |
| \`template\` | containers, volumes and environment variables have names, no name twice |
| \`sparkConf\` | nothing that decides whose rights, image, cluster or namespace is used; nothing that only works where a JVM submits; keys of visible ASCII characters; ports from 1 to 65535; a driver pod name that is one; a size where a claim is \`OnDemand\` |
| \`sparkUIOptions\`, \`driverIngressOptions\` | ports from 1 to 65535, no port and no address twice; types \`ClusterIP\`, \`NodePort\`, \`LoadBalancer\`; addresses with a host |
| \`monitoring.prometheus\` | \`jmxExporterJar\` must be there; paths without white space; ports from 1024 to 49151 |
| \`batchScheduler\` | \`volcano\`, \`yunikorn\` or one of \`--kube-scheduler-names\`, and only under \`--enable-batch-scheduler\` |
`;

/** docs/reference/sparkapplication.md: what is refused, then every field of spec and status. */
export function sparkApplicationReference(): string {
  const spec = fieldTables('spec', jsonSchemaOf(SparkApplicationSpec));
  const status = fieldTables('status', jsonSchemaOf(SparkApplicationStatus));
  const note = 'Fields marked ⁺ are additions of Weir; all others are those of the Kubeflow Spark Operator.';
  return [HEAD, RULES, spec, `${note}\n`, status].join('\n');
}

import type { DeepPartial } from '../../core/testing/merged.ts';
import type { SparkApplicationSpec } from '../schema.ts';

/** What is wrong with a SparkApplication, how it differs from an ordinary one, and what its author is told. */
export type Refused = readonly [what: string, spec: DeepPartial<SparkApplicationSpec>, message: string];

/** One rule each, of all fields but those about Services and Ingresses. */
export const REFUSED_SPECS: readonly Refused[] = [
  [
    'memory 12xb',
    { driver: { memory: '12xb' } },
    'spec.driver.memory: "12xb" is not valid, it must be a whole number with a unit b, k, m, g, t or p and at least 1m, such as 512m or 4g',
  ],
  [
    'memory with a fraction',
    { executor: { memory: '1.5g' } },
    'spec.executor.memory: "1.5g" is not valid, it must be a whole number with a unit b, k, m, g, t or p and at least 1m, such as 512m or 4g',
  ],
  ['cores 0', { driver: { cores: 0 } }, 'spec.driver.cores: 0 is not valid, it must be a whole number of at least 1'],
  ['instances -1', { executor: { instances: -1 } }, 'spec.executor.instances: -1 is not valid, it must be at least 1'],
  ['unknown type', { type: 'Go' as never }, 'spec.type: "Go" is not valid, it must be one of Java, Python, Scala, R'],
  [
    'a heap among Java options',
    { driver: { javaOptions: '-XX:+UseG1GC -Xmx4g' } },
    'spec.driver.javaOptions: "-XX:+UseG1GC -Xmx4g" is not valid, it must have no -Xmx, which spark-submit refuses: the heap is set by spec.driver.memory',
  ],
  [
    'a heap among Java options of sparkConf',
    { sparkConf: { 'spark.driver.defaultJavaOptions': '-Xmx4g' } },
    'spec.sparkConf["spark.driver.defaultJavaOptions"]: "-Xmx4g" is not valid, it must have no -Xmx, which spark-submit refuses: the heap is set by spec.driver.memory',
  ],
  [
    'a proxy user beside a principal',
    { proxyUser: 'ann', sparkConf: { 'spark.kerberos.principal': 'ann@EXAMPLE.ORG' } },
    'spec.proxyUser: "ann" is not valid, it must not be set beside spec.sparkConf["spark.kerberos.principal"]: spark-submit takes only one of them',
  ],
  [
    'no executors',
    { executor: { instances: undefined }, sparkConf: { 'spark.executor.instances': '0' } },
    'spec.sparkConf["spark.executor.instances"]: "0" is not valid, it must be at least 1 unless dynamicAllocation is enabled: spark-submit refuses none',
  ],
  [
    'client mode',
    { mode: 'client' },
    'spec.mode: "client" is not valid, it must be cluster, since in client mode the driver would run inside the operator',
  ],
  [
    'no main file',
    { mainApplicationFile: undefined },
    'spec.mainApplicationFile: is missing, it must name the jar, Python or R file to run',
  ],
  [
    'a main file of the machine that submits',
    { mainApplicationFile: '/opt/job.jar' },
    'spec.mainApplicationFile: "/opt/job.jar" is not valid, it must be in the image (local:///…) or a URI that the driver can read (https, s3a, hdfs, …)',
  ],
  [
    'no main class for a jar of the image',
    { mainClass: undefined },
    'spec.mainClass: is missing, it must name the main class, which Spark does not look up in a jar of the image',
  ],
  [
    'a main file that Spark does not take for Python',
    { type: 'Python', mainClass: undefined, mainApplicationFile: 'https://example.org/job.py?version=2' },
    'spec.mainApplicationFile: "https://example.org/job.py?***" is not valid, it must end with .py, by which Spark tells Python',
  ],
  [
    'no version',
    { sparkVersion: undefined },
    'spec.sparkVersion: is missing, it must be the Spark version in the image, 3.0 or newer, such as 3.5.9',
  ],
  [
    'Spark 2',
    { sparkVersion: '2.4.5' },
    'spec.sparkVersion: "2.4.5" is not valid, it must be the Spark version in the image, 3.0 or newer, such as 3.5.9',
  ],
  [
    'two Spark containers',
    {
      driver: {
        template: {
          spec: { containers: [{ name: 'spark-kubernetes-driver' }, { name: 'spark-kubernetes-driver' }] },
        },
      },
    },
    'spec.driver.template.spec.containers[1].name: "spark-kubernetes-driver" is not valid, it must be different from the names before it',
  ],
  [
    'a limit below the request',
    { executor: { cores: 2, coreLimit: '1' } },
    'spec.executor.coreLimit: "1" is not valid, it must be at least cores, which is 2',
  ],
  [
    'a limit of sparkConf below the request',
    { sparkConf: { 'spark.kubernetes.executor.limit.cores': '1500m' }, executor: { cores: 2 } },
    'spec.sparkConf["spark.kubernetes.executor.limit.cores"]: "1500m" is not valid, it must be at least cores, which is 2',
  ],
  [
    'a memory limit that is none',
    { driver: { memoryLimit: '12xb' } },
    'spec.driver.memoryLimit: "12xb" is not valid, it must be an amount of memory above 0, such as 4g or 4Gi',
  ],
  [
    'GPUs of no name',
    { executor: { gpu: { quantity: 1 } } },
    'spec.executor.gpu.name: is missing, it must name the resource, such as nvidia.com/gpu',
  ],
  [
    'GPUs of no number',
    { executor: { gpu: { name: 'nvidia.com/gpu' } } },
    'spec.executor.gpu.quantity: is missing, it must be at least 0',
  ],
  [
    'a port of no number',
    { executor: { ports: [{ name: 'metrics', protocol: 'TCP' }] } },
    'spec.executor.ports[0].containerPort: is missing, it must be a port from 1 to 65535',
  ],
  [
    'a port of another protocol',
    { driver: { ports: [{ name: 'metrics', protocol: 'HTTP', containerPort: 8090 }] } },
    'spec.driver.ports[0].protocol: "HTTP" is not valid, it must be one of TCP, UDP, SCTP',
  ],
  [
    'a label that Kubernetes does not take',
    { executor: { labels: { team: 'orders and more' } } },
    "spec.executor.labels.team: \"orders and more\" is not valid, it must be at most 63 letters, digits, '-', '_' and '.', the first and last a letter or digit",
  ],
  [
    'an annotation of no key',
    { executor: { annotations: { 'a b': 'x' } } },
    "spec.executor.annotations[\"a b\"]: \"x\" is not valid, it must have a key of at most 63 letters, digits, '-', '_' and '.', after a domain and '/' if it has one",
  ],
  [
    'a variable of no name',
    { executor: { env: [{ value: 'x' }] as never } },
    'spec.executor.env[0].name: is missing, it must name an environment variable',
  ],
  [
    'a variable of no key of a Secret',
    { executor: { envSecretKeyRefs: { TOKEN: { name: 'tokens' } } } },
    'spec.executor.envSecretKeyRefs.TOKEN.key: is missing, it must name a key of the Secret',
  ],
  [
    'a mount of no path',
    { volumes: [{ name: 'data', emptyDir: {} }], executor: { volumeMounts: [{ name: 'data' }] as never } },
    'spec.executor.volumeMounts[0].mountPath: is missing, it must be a path in the container',
  ],
  [
    "a sidecar of Spark's name",
    { executor: { sidecars: [{ name: 'spark-kubernetes-executor', image: 'side:1' }] } },
    'spec.executor.sidecars[0].name: "spark-kubernetes-executor" is not valid, it must be a name of at most 63 lower-case letters, digits and \'-\' that no other container has',
  ],
  [
    'two containers of one name',
    { executor: { sidecars: [{ name: 'a', image: 'a:1' }], initContainers: [{ name: 'a', image: 'a:1' }] } },
    'spec.executor.initContainers[0].name: "a" is not valid, it must be a name of at most 63 lower-case letters, digits and \'-\' that no other container has',
  ],
  [
    'a service account that is none',
    { executor: { serviceAccount: 'Bad Account' } },
    'spec.executor.serviceAccount: "Bad Account" is not valid, it must be the name of a service account',
  ],
  [
    'less than no time to end',
    { executor: { terminationGracePeriodSeconds: -1 } },
    'spec.executor.terminationGracePeriodSeconds: -1 is not valid, it must be at least 0',
  ],
  [
    'a claim of no size',
    {
      sparkConf: {
        'spark.kubernetes.driver.volumes.persistentVolumeClaim.data.mount.path': '/data',
        'spark.kubernetes.driver.volumes.persistentVolumeClaim.data.options.claimName': 'OnDemand',
      },
    },
    'spec.sparkConf["spark.kubernetes.driver.volumes.persistentVolumeClaim.data.options.sizeLimit"]: is missing, it must be the size of the claim that is made, such as 10Gi',
  ],
  [
    'a dependency of the machine that submits',
    { deps: { jars: ['local:///a.jar', 'file:///b.jar'] } },
    'spec.deps.jars[1]: "file:///b.jar" is not valid, it must be in the image (local:///…) or a URI that the driver can read (https, s3a, hdfs, …)',
  ],
  [
    'negative retries',
    { restartPolicy: { type: 'OnFailure', onFailureRetries: -1 } },
    'spec.restartPolicy.onFailureRetries: -1 is not valid, it must be at least 0',
  ],
  [
    'fewer executors at most than at least',
    { dynamicAllocation: { enabled: true, minExecutors: 3, maxExecutors: 2 } },
    'spec.dynamicAllocation.minExecutors: 3 is not valid, it must be at most maxExecutors, which is 2',
  ],
  [
    'node selectors at both places',
    { nodeSelector: { a: 'b' }, driver: { nodeSelector: { c: 'd' } } },
    'spec.driver.nodeSelector: {"c":"d"} is not valid, it must not be set beside spec.nodeSelector, which is for both roles',
  ],
  [
    "a label of Spark's own",
    { executor: { labels: { 'spark-role': 'driver' } } },
    'spec.executor.labels.spark-role: "driver" is not valid, it must not be set, since Spark sets this label itself',
  ],
  [
    'a mount of no volume',
    { driver: { volumeMounts: [{ name: 'data', mountPath: '/data' }] } },
    'spec.driver.volumeMounts[0].name: "data" is not valid, it must name a volume of spec.volumes',
  ],
];

/** Likewise, of the fields about Services and Ingresses. */
export const REFUSED_AROUND: readonly Refused[] = [
  [
    'a port that is none',
    { sparkUIOptions: { servicePort: 65_536 } },
    'spec.sparkUIOptions.servicePort: 65536 is not valid, it must be a port from 1 to 65535',
  ],
  [
    'a name of a port that is none',
    { sparkUIOptions: { servicePortName: 'Spark UI' } },
    'spec.sparkUIOptions.servicePortName: "Spark UI" is not valid, it must be at most 63 lower-case letters, digits and \'-\'',
  ],
  [
    'a type that leads to no pods',
    { sparkUIOptions: { serviceType: 'ExternalName' } },
    'spec.sparkUIOptions.serviceType: "ExternalName" is not valid, it must be one of ClusterIP, NodePort, LoadBalancer',
  ],
  [
    'no port',
    { driverIngressOptions: [{ ingressURLFormat: 'a.example.org' }] },
    'spec.driverIngressOptions[0].servicePort: is missing, it must name a port of the driver',
  ],
  [
    'a port twice',
    { driverIngressOptions: [{ servicePort: 80 }, { servicePort: 80 }] },
    'spec.driverIngressOptions[1].servicePort: 80 is not valid, it must be different from those before it',
  ],
  [
    'an address twice',
    {
      driverIngressOptions: [
        { servicePort: 80, ingressURLFormat: 'a.example.org' },
        { servicePort: 81, ingressURLFormat: 'a.example.org' },
      ],
    },
    'spec.driverIngressOptions[1].ingressURLFormat: "a.example.org" is not valid, it must be different from those before it',
  ],
  ...['/{{$appName}}', 'http://', '{{$name}}.example.org', 'a b.example.org'].map(
    (ingressURLFormat): Refused => [
      `the address ${ingressURLFormat}`,
      { driverIngressOptions: [{ servicePort: 80, ingressURLFormat }] },
      `spec.driverIngressOptions[0].ingressURLFormat: "${ingressURLFormat}" is not valid, it must be a URL with a host, such as jobs.example.org/{{$appName}}`,
    ],
  ),
];

/** Keys of sparkConf that nobody may set, and the rule that each breaks. */
export const DENIED_PROPERTIES: readonly (readonly [key: string, rule: string])[] = [
  ['spark.master', 'not be set, since the operator sets it'],
  ['spark.kubernetes.driver.master', 'not be set; use spec.driver.kubernetesMaster'],
  ['spark.kubernetes.container.image', 'not be set; use spec.image'],
  ['spark.kubernetes.driver.container.image', 'not be set; use spec.driver.image'],
  ['spark.kubernetes.executor.container.image', 'not be set; use spec.executor.image'],
  ['spark.kubernetes.authenticate.driver.serviceAccountName', 'not be set; use spec.driver.serviceAccount'],
  ['spark.kubernetes.authenticate.executor.serviceAccountName', 'not be set; use spec.executor.serviceAccount'],
  ...['', 'driver.', 'executor.'].flatMap((role) =>
    ['oauthToken', 'oauthTokenFile'].map((name): [string, string] => [
      `spark.kubernetes.authenticate.${role}${name}`,
      'not be set: driver and executors use the token of their service account',
    ]),
  ),
  ['spark.driver.host', "not be set, since executors reach the driver by its Service's name"],
  ['spark.driver.bindAddress', "not be set, since executors reach the driver by its Service's name"],
  ['spark.kubernetes.driver.pod.featureSteps', 'not be set, since it works only where a JVM submits the application'],
  ['spark.kubernetes.executor.podTemplateFile', 'not be set; use spec.executor.template'],
];

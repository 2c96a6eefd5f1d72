import { join } from 'node:path';
import type { Probe } from '../http.ts';
import type { Pki } from '../pki/cluster-pki.ts';
import type { ProgramName } from '../programs.ts';
import type { Addresses } from './addresses.ts';
import { cgroupVersion } from './cgroup.ts';
import type { Folders } from './folders.ts';

/** The parts of a cluster, each one process. */
export const componentNames = [
  'etcd',
  'containerd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'coredns',
] as const;
export type ComponentName = (typeof componentNames)[number];

/** One part: how to start it, what must be ready before, how to see that it is ready. */
export interface Component {
  readonly name: ComponentName;
  readonly command: string;
  readonly args: readonly string[];
  readonly needs: readonly ComponentName[];
  readonly probe: Probe;
}

/** Programs of a node cluster that are built from Go modules. */
export const clusterPrograms = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'coredns',
  'kubectl',
  'helm',
] as const satisfies readonly ProgramName[];

/** All that the command lines and configuration files of a cluster are made from. */
export interface ClusterPlan {
  readonly folders: Folders;
  readonly addresses: Addresses;
  readonly pki: Pki;
  readonly programs: Readonly<Record<(typeof clusterPrograms)[number], string>>;
}

/** Where a component's configuration file is. */
export function configFile(folders: Folders, name: string): string {
  return join(folders.run, 'config', name);
}

const apiPort = 6443;

/** The address of a cluster's API server. */
export function apiServerUrl(addresses: Addresses): string {
  return `https://${addresses.nodeIp}:${apiPort}`;
}

/** The one node is called as the cluster. */
export function nodeName(folders: Folders): string {
  return folders.name;
}

/** Settings that every API server of these tools has, whatever else it has. */
export function apiServerFlags(pki: Pick<Pki, 'file'>, serviceCidr: string): string[] {
  return [
    '--tls-cert-file',
    pki.file('apiserver.crt'),
    '--tls-private-key-file',
    pki.file('apiserver.key'),
    '--client-ca-file',
    pki.file('ca.crt'),
    '--service-cluster-ip-range',
    serviceCidr,
    '--service-account-issuer',
    'https://kubernetes.default.svc.cluster.local',
    '--service-account-key-file',
    pki.file('service-account.pub'),
    '--service-account-signing-key-file',
    pki.file('service-account.key'),
    '--authorization-mode',
    'Node,RBAC',
    '--allow-privileged=true',
  ];
}

/** Everything a client may ask at once: this is a machine for tests, and waiting on purpose is no use. */
const fastClient = ['--kube-api-qps', '5000', '--kube-api-burst', '10000'];

/** All parts of the cluster, in an order in which each comes after what it needs. */
export function components(plan: ClusterPlan): Component[] {
  return [
    etcd(plan),
    containerd(plan),
    apiServer(plan),
    controllerManager(plan),
    scheduler(plan),
    kubelet(plan),
    proxy(plan),
    coredns(plan),
  ];
}

function etcd({ folders, addresses, programs }: ClusterPlan): Component {
  const args = [
    '--data-dir',
    folders.etcd,
    '--unsafe-no-fsync', // nothing here has to survive a power cut
    '--listen-client-urls',
    'http://127.0.0.1:2379',
    '--advertise-client-urls',
    'http://127.0.0.1:2379',
    '--listen-peer-urls',
    'http://127.0.0.1:2380',
    '--listen-metrics-urls',
    `http://${addresses.nodeIp}:2381`,
    '--quota-backend-bytes',
    String(8 * 1024 ** 3),
    '--log-level',
    'warn',
  ];
  const probe = { url: `http://${addresses.nodeIp}:2381/health` };
  return { name: 'etcd', command: programs.etcd, args, needs: [], probe };
}

function containerd({ folders }: ClusterPlan): Component {
  const args = ['--config', configFile(folders, 'containerd.toml')];
  return { name: 'containerd', command: 'containerd', args, needs: [], probe: { socket: folders.containerdSocket } };
}

function apiServer({ addresses, pki, programs }: ClusterPlan): Component {
  const args = [
    ...apiServerFlags(pki, addresses.serviceCidr),
    '--etcd-servers',
    'http://127.0.0.1:2379',
    '--secure-port',
    String(apiPort),
    '--advertise-address',
    addresses.nodeIp,
    '--kubelet-client-certificate',
    pki.file('apiserver-to-kubelet.crt'),
    '--kubelet-client-key',
    pki.file('apiserver-to-kubelet.key'),
    '--kubelet-certificate-authority',
    pki.file('ca.crt'),
    '--kubelet-preferred-address-types',
    'InternalIP',
    '--enable-admission-plugins',
    'NodeRestriction',
  ];
  const probe = { url: `${apiServerUrl(addresses)}/readyz` };
  return { name: 'kube-apiserver', command: programs['kube-apiserver'], args, needs: ['etcd'], probe };
}

function controllerManager({ addresses, pki, programs }: ClusterPlan): Component {
  const args = [
    '--kubeconfig',
    pki.kubeconfig('controller-manager'),
    '--bind-address',
    addresses.nodeIp,
    '--service-account-private-key-file',
    pki.file('service-account.key'),
    '--root-ca-file',
    pki.file('ca.crt'),
    '--use-service-account-credentials=true',
    '--enable-hostpath-provisioner=true',
    '--leader-elect=false',
    ...fastClient,
  ];
  const probe = { url: `https://${addresses.nodeIp}:10257/healthz` };
  const command = programs['kube-controller-manager'];
  return { name: 'kube-controller-manager', command, args, needs: ['kube-apiserver'], probe };
}

function scheduler({ addresses, pki, programs }: ClusterPlan): Component {
  const args = [
    '--kubeconfig',
    pki.kubeconfig('scheduler'),
    '--bind-address',
    addresses.nodeIp,
    '--leader-elect=false',
    ...fastClient,
  ];
  const probe = { url: `https://${addresses.nodeIp}:10259/healthz` };
  return { name: 'kube-scheduler', command: programs['kube-scheduler'], args, needs: ['kube-apiserver'], probe };
}

function kubelet({ folders, addresses, pki, programs }: ClusterPlan): Component {
  const args = [
    '--config',
    configFile(folders, 'kubelet.json'),
    '--kubeconfig',
    pki.kubeconfig('kubelet'),
    '--hostname-override',
    nodeName(folders),
    '--node-ip',
    addresses.nodeIp,
    '--root-dir',
    folders.kubelet,
    '--cert-dir',
    join(folders.kubelet, 'pki'),
  ];
  const probe = { url: `http://${addresses.nodeIp}:10248/healthz` };
  return { name: 'kubelet', command: programs.kubelet, args, needs: ['containerd', 'kube-apiserver'], probe };
}

function proxy({ folders, addresses, programs }: ClusterPlan): Component {
  const args = ['--config', configFile(folders, 'kube-proxy.json')];
  const probe = { url: `http://${addresses.nodeIp}:10256/livez` };
  return { name: 'kube-proxy', command: programs['kube-proxy'], args, needs: ['kube-apiserver'], probe };
}

function coredns({ folders, addresses, programs }: ClusterPlan): Component {
  const args = ['-conf', configFile(folders, 'Corefile')];
  const probe = { url: `http://${addresses.nodeIp}:8181/ready` };
  return { name: 'coredns', command: programs.coredns, args, needs: ['kube-apiserver'], probe };
}

/** Texts of the configuration files the command lines name (containerd's is made by its own module). */
export function configFiles(plan: ClusterPlan): Record<string, string> {
  const { folders, addresses, pki } = plan;
  return {
    'kubelet.json': JSON.stringify(kubeletConfig(plan), undefined, 2),
    'kube-proxy.json': JSON.stringify(
      {
        apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
        kind: 'KubeProxyConfiguration',
        mode: 'nftables',
        clientConnection: { kubeconfig: pki.kubeconfig('proxy'), qps: 500, burst: 1000 },
        clusterCIDR: addresses.podCidr,
        hostnameOverride: nodeName(folders),
        healthzBindAddress: `${addresses.nodeIp}:10256`,
        metricsBindAddress: `${addresses.nodeIp}:10249`,
        conntrack: { maxPerCore: 0, min: 0 }, // the limits belong to the host
      },
      undefined,
      2,
    ),
    'resolv.conf': `nameserver ${addresses.dnsIp}\n`,
    Corefile: corefile(plan),
  };
}

function kubeletConfig({ folders, addresses, pki }: ClusterPlan): Record<string, unknown> {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${folders.containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${folders.cgroup}`,
    ...(cgroupVersion() === 1 ? { failCgroupV1: false } : {}),
    failSwapOn: false,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki.file('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pki.file('kubelet.crt'),
    tlsPrivateKeyFile: pki.file('kubelet.key'),
    healthzBindAddress: addresses.nodeIp,
    clusterDNS: [addresses.dnsIp],
    clusterDomain: 'cluster.local',
    resolvConf: configFile(folders, 'resolv.conf'),
    podLogsDir: join(folders.run, 'pod-logs'),
    volumePluginDir: join(folders.kubelet, 'volume-plugins'),
    // The disk is the host's: its fullness is no reason to throw pods or images away here.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '0%',
      'imagefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    maxPods: 200,
    kubeAPIQPS: 500,
    kubeAPIBurst: 1000,
    protectKernelDefaults: false,
    syncFrequency: '10s',
  };
}

function corefile({ addresses, pki }: ClusterPlan): string {
  const kubernetes = [
    '  kubernetes cluster.local {',
    `    kubeconfig ${pki.kubeconfig('coredns')}`,
    '    endpoint_pod_names',
    '    pods insecure',
    '    ttl 5',
    '  }',
  ];
  // Pods have no way out: any other name does not exist, which clients take at once, where a refusal makes them retry.
  const others = ['  template ANY ANY . {', '    rcode NXDOMAIN', '  }'];
  const ready = `  ready ${addresses.nodeIp}:8181`;
  return [
    '.:53 {',
    `  bind ${addresses.dnsIp}`,
    '  errors',
    ready,
    ...kubernetes,
    '  cache 5',
    ...others,
    '}',
    '',
  ].join('\n');
}

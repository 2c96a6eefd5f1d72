import { join } from 'node:path';
import type { Probe } from '../http.ts';
import type { Pki } from '../pki/cluster-pki.ts';
import type { ProgramName } from '../programs.ts';
import type { Addresses } from './addresses.ts';
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
/** The name of a part. */
export type ComponentName = (typeof componentNames)[number];

/** One part: how to start it, what must be ready before, how to see that it is ready. */
export interface Component {
  readonly name: ComponentName;
  readonly command: string;
  readonly args: readonly string[];
  readonly needs: readonly ComponentName[];
  readonly probe: Probe;
}

type Start = Omit<Component, 'probe'>;

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

/** How to see of each part that it is ready. */
export function probes(folders: Folders, addresses: Addresses): Record<ComponentName, Probe> {
  const { nodeIp } = addresses;
  return {
    etcd: { url: `http://${nodeIp}:2381/health` },
    containerd: { socket: folders.containerdSocket },
    'kube-apiserver': { url: `${apiServerUrl(addresses)}/readyz` },
    'kube-controller-manager': { url: `https://${nodeIp}:10257/healthz` },
    'kube-scheduler': { url: `https://${nodeIp}:10259/healthz` },
    kubelet: { url: `http://${nodeIp}:10248/healthz` },
    'kube-proxy': { url: `http://${nodeIp}:10256/livez` },
    coredns: { url: `http://${nodeIp}:8181/ready` },
  };
}

/** All parts of the cluster, in an order in which each comes after what it needs. */
export function components(plan: ClusterPlan): Component[] {
  const probeOf = probes(plan.folders, plan.addresses);
  const makers = [etcd, containerd, apiServer, controllerManager, scheduler, kubelet, proxy, coredns];
  return makers.map((make) => make(plan)).map((start) => ({ ...start, probe: probeOf[start.name] }));
}

function etcd({ folders, addresses, programs }: ClusterPlan): Start {
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
  return { name: 'etcd', command: programs.etcd, args, needs: [] };
}

function containerd({ folders }: ClusterPlan): Start {
  const args = ['--config', configFile(folders, 'containerd.toml')];
  return { name: 'containerd', command: 'containerd', args, needs: [] };
}

function apiServer({ addresses, pki, programs }: ClusterPlan): Start {
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
  return { name: 'kube-apiserver', command: programs['kube-apiserver'], args, needs: ['etcd'] };
}

function controllerManager({ addresses, pki, programs }: ClusterPlan): Start {
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
  const command = programs['kube-controller-manager'];
  return { name: 'kube-controller-manager', command, args, needs: ['kube-apiserver'] };
}

function scheduler({ addresses, pki, programs }: ClusterPlan): Start {
  const args = [
    '--kubeconfig',
    pki.kubeconfig('scheduler'),
    '--bind-address',
    addresses.nodeIp,
    '--leader-elect=false',
    ...fastClient,
  ];
  return { name: 'kube-scheduler', command: programs['kube-scheduler'], args, needs: ['kube-apiserver'] };
}

function kubelet({ folders, addresses, pki, programs }: ClusterPlan): Start {
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
  return { name: 'kubelet', command: programs.kubelet, args, needs: ['containerd', 'kube-apiserver'] };
}

function proxy({ folders, programs }: ClusterPlan): Start {
  const args = ['--config', configFile(folders, 'kube-proxy.json')];
  return { name: 'kube-proxy', command: programs['kube-proxy'], args, needs: ['kube-apiserver'] };
}

function coredns({ folders, programs }: ClusterPlan): Start {
  const args = ['-conf', configFile(folders, 'Corefile')];
  return { name: 'coredns', command: programs.coredns, args, needs: ['kube-apiserver'] };
}

import { join } from 'node:path';
import { cgroupVersion } from './cgroup.ts';
import { type ClusterPlan, configFile, nodeName } from './components.ts';

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

/** Two zones, because in one CoreDNS would ask the plugin that answers everything before the one that knows the cluster. */
function corefile({ addresses, pki }: ClusterPlan): string {
  const bind = `  bind ${addresses.dnsIp}`;
  const cluster = [
    'cluster.local:53 in-addr.arpa:53 {',
    bind,
    '  errors',
    `  ready ${addresses.nodeIp}:8181`,
    '  kubernetes cluster.local in-addr.arpa {',
    `    kubeconfig ${pki.kubeconfig('coredns')}`,
    '    endpoint_pod_names',
    '    pods insecure',
    '    ttl 5',
    '  }',
    '  cache 5',
    '}',
  ];
  // Pods have no way out: any other name does not exist, which clients take at once, where a refusal makes them retry.
  const others = ['.:53 {', bind, '  errors', '  template ANY ANY {', '    rcode NXDOMAIN', '  }', '}'];
  return `${[...cluster, ...others].join('\n')}\n`;
}

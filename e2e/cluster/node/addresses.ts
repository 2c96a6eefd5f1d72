/** All addresses of one cluster. They follow from its index, so that clusters side by side never share one. */
export interface Addresses {
  readonly index: number;
  /** Interface on the host that leads to the cluster. */
  readonly hostLink: string;
  /** The host as the cluster sees it: pods and the API server reach programs on the host here. */
  readonly hostIp: string;
  readonly nodeIp: string;
  readonly linkCidr: string;
  readonly dnsIp: string;
  readonly serviceCidr: string;
  /** The Service `kubernetes`. */
  readonly apiServiceIp: string;
  readonly podCidr: string;
}

/** How many clusters one machine can have. */
export const maxClusters = 32;

/** The addresses of the cluster with this index (0 … maxClusters - 1). */
export function planAddresses(index: number): Addresses {
  if (!Number.isInteger(index) || index < 0 || index >= maxClusters) throw new Error(`no cluster index: ${index}`);
  return {
    index,
    hostLink: `weir${index}`,
    hostIp: `172.30.${index}.1`,
    nodeIp: `172.30.${index}.2`,
    linkCidr: `172.30.${index}.0/24`,
    dnsIp: `172.31.${index}.10`,
    serviceCidr: `10.${96 + index}.0.0/16`,
    apiServiceIp: `10.${96 + index}.0.1`,
    podCidr: `10.244.${index}.0/24`,
  };
}

/** The ranges the host routes into the cluster. */
export function routedRanges(plan: Addresses): string[] {
  return [plan.serviceCidr, plan.podCidr, `${plan.dnsIp}/32`];
}

function range(cidr: string): { start: number; end: number } {
  const [address = '', length = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(length));
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const start = Math.floor(value / size) * size;
  return { start, end: start + size - 1 };
}

/** Whether two IPv4 ranges (an address alone is a range of one) have an address in common. */
export function overlaps(a: string, b: string): boolean {
  const [left, right] = [range(a), range(b)];
  return left.start <= right.end && right.start <= left.end;
}

/**
 * The index for a cluster: the one it had, if that is still free, else the lowest free one. Free is an index no
 * cluster in `taken` has and whose ranges touch none of `foreign`. Throws when the machine has no room left.
 */
export function chooseIndex(had: number | undefined, taken: ReadonlySet<number>, foreign: readonly string[]): number {
  const free = (index: number): boolean => {
    if (taken.has(index)) return false;
    const plan = planAddresses(index);
    return ![plan.linkCidr, ...routedRanges(plan)].some((own) => foreign.some((other) => overlaps(own, other)));
  };
  const candidates = [...(had === undefined ? [] : [had]), ...Array(maxClusters).keys()];
  const chosen = candidates.find(free);
  if (chosen === undefined) {
    throw new Error(
      `no free address range for another cluster (${maxClusters} at most, and none the host already uses)`,
    );
  }
  return chosen;
}

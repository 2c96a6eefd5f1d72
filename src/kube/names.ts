/** RFC 1123 label: names of namespaces, containers, volumes. At most 63 characters. */
export function isDnsLabel(name: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
}

/** RFC 1123 subdomain: names of most objects. At most 253 characters. */
export function isDnsSubdomain(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
}

/** RFC 1035 label: names of Services. At most 63 characters, starting with a letter. */
export function isServiceName(name: string): boolean {
  return /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
}

/** RFC 6335 service name: names of a container's ports. At most 15 characters. */
export function isPortName(name: string): boolean {
  return name.length <= 15 && /^(?=.*[a-z])[a-z0-9](-?[a-z0-9])*$/.test(name);
}

/** The value of a label: empty, or at most 63 letters, digits, '-', '_' and '.', the first and last a letter or digit. */
export function isLabelValue(value: string): boolean {
  return /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value);
}

/** The key of a label or annotation: what may be its value, not empty, with a subdomain and a slash before it if wanted. */
export function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  const [prefix, name] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  return name !== '' && isLabelValue(name) && (prefix === undefined || isDnsSubdomain(prefix));
}

/** Longest Flink cluster id: Flink's own limit, which leaves room for suffixes such as `-taskmanager-1-1`. */
export const MAX_FLINK_CLUSTER_ID = 45;

/** A Flink cluster id (`kubernetes.cluster-id`), which is the name of a FlinkDeployment. */
export function isFlinkClusterId(name: string): boolean {
  return /^[a-z]([-a-z0-9]{0,43}[a-z0-9])?$/.test(name);
}

/** `isFlinkClusterId` in words, as it follows "must". */
export const FLINK_CLUSTER_ID_RULE = `be at most ${MAX_FLINK_CLUSTER_ID} lower-case letters, digits and '-', start with a letter and not end with '-'`;

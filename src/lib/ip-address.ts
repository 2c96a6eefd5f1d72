/** An IP address as a number. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** Reads an IPv4 address in dotted decimal or an IPv6 address in any RFC 4291 form, without zone; undefined for others. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { family: 4, value: v4 };
  const v6 = parseV6(text);
  return v6 === undefined ? undefined : { family: 6, value: v6 };
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const halves = withHexTail(text)?.split('::');
  if (halves === undefined || halves.length > 2) return undefined;
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: tail === undefined ? 0 : missing }, () => '0'), ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((sum, group) => sum * 0x10000n + BigInt(`0x${group}`), 0n);
}

/** The text with a dotted IPv4 tail (`::ffff:10.0.0.1`) written as two groups; undefined when that tail is none. */
function withHexTail(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const cut = text.lastIndexOf(':') + 1;
  const v4 = parseV4(text.slice(cut));
  return v4 === undefined || cut === 0
    ? undefined
    : `${text.slice(0, cut)}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
}

interface Range {
  readonly base: bigint;
  readonly bits: number;
  readonly what: string;
}

function ranges(width: number, rows: readonly (readonly [cidr: string, what: string])[]): readonly Range[] {
  return rows.map(([cidr, what]) => {
    const [address = '', length = ''] = cidr.split('/');
    const bits = width - Number(length);
    return { base: (parseIpAddress(address)?.value ?? 0n) >> BigInt(bits), bits, what: `${what} (${cidr})` };
  });
}

/** IANA's IPv4 special-purpose registry as of 2025, and addresses by which clouds serve instance metadata. */
const RESTRICTED_V4 = ranges(32, [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared by carriers'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'instance metadata'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved for protocols'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
]);

/** The same for IPv6, within the global unicast block. */
const RESTRICTED_V6 = ranges(128, [
  ['::1/128', 'loopback'],
  ['::/128', 'unspecified'],
  ['64:ff9b:1::/48', 'local translation'],
  ['2001::/23', 'reserved for protocols'],
  ['2001:db8::/32', 'documentation'],
  ['3fff::/20', 'documentation'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
]);

/** IPv6 prefixes that carry an IPv4 address, and how many bits stand behind it: what they reach is that address. */
const CARRIERS = [
  { ranges: ranges(128, [['::ffff:0:0/96', 'mapped']]), behind: 0n },
  { ranges: ranges(128, [['64:ff9b::/96', 'translated']]), behind: 0n },
  { ranges: ranges(128, [['2002::/16', '6to4']]), behind: 80n },
] as const;

const [GLOBAL_V6] = ranges(128, [['2000::/3', 'global unicast']]);

/**
 * Why an address is not one of the public internet, in a few words with its range: loopback, private, link-local,
 * carrier-grade NAT, instance metadata, multicast, documentation, reserved; IPv6 forms that carry an IPv4 address are
 * judged by that. Undefined when it is public. A text that is no address is restricted.
 */
export function restrictedRange(text: string): string | undefined {
  const address = parseIpAddress(text);
  if (address === undefined) return 'not an IP address';
  return address.family === 4 ? restrictedV4(address.value) : restrictedV6(address.value);
}

function restrictedV4(value: bigint): string | undefined {
  return RESTRICTED_V4.find((range) => isIn(value, range))?.what;
}

function restrictedV6(value: bigint): string | undefined {
  const carrier = CARRIERS.find((candidate) => candidate.ranges.some((range) => isIn(value, range)));
  if (carrier !== undefined) return restrictedV4((value >> carrier.behind) & 0xffffffffn);
  const found = RESTRICTED_V6.find((range) => isIn(value, range))?.what;
  if (found !== undefined) return found;
  return GLOBAL_V6 !== undefined && isIn(value, GLOBAL_V6) ? undefined : 'not global unicast';
}

function isIn(value: bigint, { base, bits }: Range): boolean {
  return value >> BigInt(bits) === base;
}

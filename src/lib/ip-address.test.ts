import { describe, expect, it } from 'vitest';
import { parseIpAddress, restrictedRange } from './ip-address.ts';

describe('parseIpAddress', () => {
  it.each([
    ['127.0.0.1', { family: 4, value: 0x7f000001n }],
    ['::', { family: 6, value: 0n }],
    ['::1', { family: 6, value: 1n }],
    ['1::', { family: 6, value: 1n << 112n }],
    ['2001:DB8:0:0:0:0:0:1', { family: 6, value: (0x20010db8n << 96n) + 1n }],
    ['::ffff:10.0.0.1', { family: 6, value: 0xffff0a000001n }],
  ])('reads %s', (text, address) => {
    expect(parseIpAddress(text)).toEqual(address);
  });

  it.each([
    '',
    'example.com',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '::12345',
    '::1.2.3',
    'fe80::1%eth0',
  ])('refuses "%s"', (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });
});

describe('restrictedRange', () => {
  it.each([
    ['127.0.0.1', 'loopback (127.0.0.0/8)'],
    ['10.255.0.1', 'private (10.0.0.0/8)'],
    ['172.16.0.1', 'private (172.16.0.0/12)'],
    ['172.31.255.255', 'private (172.16.0.0/12)'],
    ['192.168.1.1', 'private (192.168.0.0/16)'],
    ['169.254.169.254', 'link-local (169.254.0.0/16)'],
    ['100.100.100.200', 'shared by carriers (100.64.0.0/10)'],
    ['168.63.129.16', 'instance metadata (168.63.129.16/32)'],
    ['0.0.0.0', 'this network (0.0.0.0/8)'],
    ['224.0.0.1', 'multicast (224.0.0.0/4)'],
    ['255.255.255.255', 'reserved (240.0.0.0/4)'],
    ['::1', 'loopback (::1/128)'],
    ['::', 'unspecified (::/128)'],
    ['fd00:ec2::254', 'private (fc00::/7)'],
    ['fe80::1', 'link-local (fe80::/10)'],
    ['ff02::1', 'multicast (ff00::/8)'],
    ['2001:db8::1', 'documentation (2001:db8::/32)'],
    ['2001::1', 'reserved for protocols (2001::/23)'],
    ['::ffff:127.0.0.1', 'loopback (127.0.0.0/8)'],
    ['::ffff:a00:1', 'private (10.0.0.0/8)'],
    ['64:ff9b::a9fe:a9fe', 'link-local (169.254.0.0/16)'],
    ['64:ff9b:1::1', 'local translation (64:ff9b:1::/48)'],
    ['2002:7f00:1::', 'loopback (127.0.0.0/8)'],
    ['::127.0.0.1', 'not global unicast'],
    ['fec0::1', 'not global unicast'],
    ['example.com', 'not an IP address'],
  ])('%s: %s', (address, range) => {
    expect(restrictedRange(address)).toBe(range);
  });

  it.each([
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '169.253.255.255',
    '223.255.255.255',
    '2606:4700::1111',
    '2002:101:101::',
    '64:ff9b::101:101',
    '::ffff:1.1.1.1',
  ])('%s is public', (address) => {
    expect(restrictedRange(address)).toBeUndefined();
  });
});

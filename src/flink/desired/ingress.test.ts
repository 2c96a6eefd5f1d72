import { describe, expect, it } from 'vitest';
import { ingressAddress } from './ingress.ts';

describe('ingress template', () => {
  it.each([
    ['flink.example.org', 'flink.example.org', ''],
    ['{{name}}.{{namespace}}.example.org', 'orders.prod.example.org', ''],
    ['{{NAME}}.example.org/ui', 'orders.example.org', '/ui'],
    ['https://flink.example.org:8443/{{namespace}}/{{name}}(/|$)(.*)', 'flink.example.org', '/prod/orders(/|$)(.*)'],
    ['/{{namespace}}/{{name}}', '', '/prod/orders'],
    ['HTTP://x.org/p?q=1#f', 'x.org', '/p'],
  ])('%s', (template, host, path) => {
    expect(ingressAddress(template, 'orders', 'prod')).toEqual({ host, path });
  });
});

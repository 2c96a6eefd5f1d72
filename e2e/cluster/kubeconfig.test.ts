import { KubeConfig } from '@kubernetes/client-node';
import { load } from 'js-yaml';
import { expect, it } from 'vitest';
import { configFor } from './context.ts';
import { kubeconfig } from './kubeconfig.ts';

const access = { server: 'https://172.30.0.2:6443', authority: 'CA', certificate: 'CERT', key: 'KEY' };

it('a kubeconfig is read back by the client library', () => {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig('weir', access));
  expect(config.getCurrentContext()).toBe('weir');
  expect(config.getCurrentCluster()?.server).toBe(access.server);
  expect(Buffer.from(config.getCurrentCluster()?.caData ?? '', 'base64').toString()).toBe('CA');
  expect(Buffer.from(config.getCurrentUser()?.certData ?? '', 'base64').toString()).toBe('CERT');
  expect(Buffer.from(config.getCurrentUser()?.keyData ?? '', 'base64').toString()).toBe('KEY');
});

it('a context of the user becomes the current one of a copy', () => {
  const text = `
apiVersion: v1
kind: Config
clusters: [{name: one, cluster: {server: "https://one"}}, {name: two, cluster: {server: "https://two"}}]
users: [{name: me, user: {token: secret}}]
contexts: [{name: first, context: {cluster: one, user: me}}, {name: second, context: {cluster: two, user: me}}]
current-context: first
`;
  const config = configFor('second', (into) => into.loadFromString(text));
  expect(config.getCurrentCluster()?.server).toBe('https://two');
  const copy = load(config.exportConfig()) as { 'current-context': string };
  expect(copy['current-context']).toBe('second');
  expect(() => configFor('third', (into) => into.loadFromString(text))).toThrow('it has first, second');
});

it('a kubeconfig made up by the library counts as none', () => {
  const empty = (into: KubeConfig): void =>
    into.loadFromClusterAndUser(
      { name: 'cluster', server: 'http://localhost:8080', skipTLSVerify: false },
      { name: 'user' },
    );
  expect(() => configFor('any', empty)).toThrow('it has none');
});

import { describe, expect, it } from 'vitest';
import { isSecretName, jsonWithoutSecrets, textWithoutSecrets } from './secret.ts';

describe('a setting', () => {
  it.each([
    's3.secret-key',
    's3.access-key',
    'fs.s3a.secret.key',
    'fs.azure.account.key.team.blob.core.windows.net',
    'security.ssl.rest.keystore-password',
    'security.kerberos.login.jaas.config',
    'spark.hadoop.fs.s3a.session.token',
    'spark.kubernetes.authenticate.oauthToken',
    'DB_PASSWORD',
    'AWS_SECRET_ACCESS_KEY',
    'apiKey',
  ])('%s is a secret', (name) => {
    expect(isSecretName(name)).toBe(true);
    expect(textWithoutSecrets(name, 'canary')).toBe('***');
    expect(jsonWithoutSecrets({ conf: { [name]: 'canary' } })).toBe(`{"conf":{"${name}":"***"}}`);
    expect(jsonWithoutSecrets([{ name, value: 'canary' }])).toBe(`[{"name":"${name}","value":"***"}]`);
  });

  it.each([
    'state.checkpoints.dir',
    'spark.kubernetes.driver.secretKeyRef.DB_PASSWORD',
    'spark.kubernetes.kerberos.tokenSecret.name',
    'spark.kubernetes.authenticate.driver.oauthTokenFile',
    'secretType',
    'key',
    'parallelism.default',
  ])('%s is none', (name) => {
    expect(isSecretName(name)).toBe(false);
    expect(jsonWithoutSecrets({ conf: { [name]: 'shown' } })).toContain('shown');
  });

  it.each([
    ['--db-password;canary;--port;1', '--db-password;***;--port;1'],
    ["--db-password;'canary two';-v", '--db-password;***;-v'],
    ['["--apiKey","canary"]', '["--apiKey",***]'],
    ['--password=canary --name=a', '--password=*** --name=a'],
    ['-Xmx1g -Djavax.net.ssl.trustStorePassword=canary', '-Xmx1g -Djavax.net.ssl.trustStorePassword=***'],
    ["WITH ('connector' = 'jdbc', 'password' = 'canary')", "WITH ('connector' = 'jdbc', 'password' = ***)"],
    ['--password-file;/etc/shown --token --verbose', '--password-file;/etc/shown --token --verbose'],
  ])('shows of %s no secret that it names', (value, shown) => {
    expect(textWithoutSecrets('args', value)).toBe(shown);
  });

  it('looks through a long text once', () => {
    for (const part of ['a', 'password ', '--token', "'", '--token ', ' ', 'a=', '--token=']) {
      const long = `secret ${part.repeat(300_000)}`;
      expect(textWithoutSecrets('args', long)).toMatch(/^secret /);
    }
  });

  it('shows of a URL no password and no query, which may be a signature', () => {
    const url = 'https://user:canary@host.example.com/a@b.jar?X-Amz-Signature=canary&a=?canary';
    expect(textWithoutSecrets('jarURI', url)).toBe('https://***@host.example.com/a@b.jar?***');
    expect(textWithoutSecrets('jarURI', 'local:///opt/a.jar')).toBe('local:///opt/a.jar');
  });
});

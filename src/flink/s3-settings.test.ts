import { describe, expect, it } from 'vitest';
import { s3SettingsOf } from './s3-settings.ts';

describe('settings of S3 in the configuration of the operator', () => {
  it('are none where it says nothing', () => {
    expect(s3SettingsOf({ 'execution.checkpointing.dir': 's3://b/c', 's3.endpoint': ' ' })).toEqual({
      pathStyle: false,
    });
  });

  it.each([
    ['s3.', 'path.style.access', 'access-key', 'secret-key', 'region'],
    ['s3.', 'path-style-access', 'access.key', 'secret.key', 'endpoint.region'],
    ['s3a.', 'path.style.access', 'access.key', 'secret.key', 'endpoint.region'],
    ['fs.s3a.', 'path.style.access', 'access.key', 'secret.key', 'endpoint.region'],
    ['presto.s3.', 'path-style-access', 'access-key', 'secret-key', 'region'],
  ])('are what Flink reads below %s, %s', (prefix, style, access, secret, region) => {
    const configuration = {
      [`${prefix}endpoint`]: ' http://minio.minio:9000 ',
      [`${prefix}${style}`]: 'TRUE',
      [`${prefix}${access}`]: 'A',
      [`${prefix}${secret}`]: 'S',
      [`${prefix}${region}`]: 'eu-central-1',
    };
    expect(s3SettingsOf(configuration)).toEqual({
      endpoint: { option: `${prefix}endpoint`, text: 'http://minio.minio:9000' },
      region: 'eu-central-1',
      pathStyle: true,
      keys: { accessKeyId: 'A', secretAccessKey: 'S' },
    });
  });

  it('have keys only where both are there', () => {
    expect(s3SettingsOf({ 's3.access-key': 'A' }).keys).toBeUndefined();
    expect(s3SettingsOf({ 's3.secret-key': 'S' }).keys).toBeUndefined();
    const keys = { 's3.access-key': 'A', 's3.secret-key': 'S', 's3.session.token': 'T' };
    expect(s3SettingsOf(keys).keys).toEqual({ accessKeyId: 'A', secretAccessKey: 'S', sessionToken: 'T' });
  });

  it('are not those of a namespace', () => {
    const key = 'kubernetes.operator.default-configuration.namespace.team.s3.endpoint';
    expect(s3SettingsOf({ [key]: 'http://10.0.0.1' })).toEqual({ pathStyle: false });
  });
});

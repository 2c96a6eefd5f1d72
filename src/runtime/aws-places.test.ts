import { describe, expect, it } from 'vitest';
import type { S3Settings } from '../core/ports.ts';
import { awsHost, type Environment, s3StoreOf } from './aws-places.ts';

const OBJECT = { bucket: 'jars', key: 'a/b c.jar' };

function urlOf(
  settings: Partial<S3Settings> & { readonly at?: string },
  env: Environment = {},
  bucket = 'jars',
): string {
  const { at, ...others } = settings;
  const endpoint = at === undefined ? {} : { endpoint: { option: 's3.endpoint', text: at } };
  const store = s3StoreOf({ pathStyle: false, ...others, ...endpoint }, env);
  return `${store.region} ${store.urlOf({ ...OBJECT, bucket }, store.region).href}`;
}

describe('where S3 is', () => {
  it.each<[string, Parameters<typeof urlOf>[0], Environment]>([
    ['us-east-1 https://jars.s3.us-east-1.amazonaws.com/a/b%20c.jar', {}, {}],
    ['eu-west-3 https://jars.s3.eu-west-3.amazonaws.com/a/b%20c.jar', {}, { AWS_REGION: 'eu-west-3' }],
    ['eu-west-3 https://jars.s3.eu-west-3.amazonaws.com/a/b%20c.jar', {}, { AWS_DEFAULT_REGION: 'eu-west-3' }],
    ['eu-west-1 https://jars.s3.eu-west-1.amazonaws.com/a/b%20c.jar', { region: 'eu-west-1' }, { AWS_REGION: 'x' }],
    ['cn-north-1 https://jars.s3.cn-north-1.amazonaws.com.cn/a/b%20c.jar', { region: 'cn-north-1' }, {}],
    ['eu-west-1 https://s3.eu-west-1.amazonaws.com/jars/a/b%20c.jar', { region: 'eu-west-1', pathStyle: true }, {}],
    ['eu-west-1 https://jars.s3.eu-west-1.amazonaws.com/a/b%20c.jar', { at: 's3.eu-west-1.amazonaws.com' }, {}],
    ['us-west-2 https://jars.s3.us-west-2.amazonaws.com/a/b%20c.jar', { at: 'https://s3-us-west-2.amazonaws.com' }, {}],
    [
      'eu-west-2 https://jars.s3.eu-west-2.amazonaws.com/a/b%20c.jar',
      { at: 's3.amazonaws.com' },
      { AWS_REGION: 'eu-west-2' },
    ],
    ['us-east-1 https://jars.s3-accelerate.amazonaws.com/a/b%20c.jar', { at: 's3-accelerate.amazonaws.com' }, {}],
    ['us-east-1 http://minio:9000/jars/a/b%20c.jar', { at: 'http://minio:9000' }, {}],
    ['us-east-1 http://jars.minio.minio:9000/a/b%20c.jar', { at: 'http://minio.minio:9000/' }, {}],
    ['us-east-1 http://10.0.0.1:9000/jars/a/b%20c.jar', { at: 'http://10.0.0.1:9000' }, {}],
    ['us-east-1 http://[fd00::1]:9000/jars/a/b%20c.jar', { at: 'http://[fd00::1]:9000' }, {}],
    [
      'auto https://r2.example.com/base/jars/a/b%20c.jar',
      { at: 'r2.example.com/base/', region: 'auto', pathStyle: true },
      {},
    ],
    ['us-east-1 http://own:1/jars/a/b%20c.jar', { at: 'http://own:1' }, { AWS_ENDPOINT_URL_S3: 'http://env:2' }],
    [
      'us-east-1 http://env:2/jars/a/b%20c.jar',
      {},
      { AWS_ENDPOINT_URL_S3: 'http://env:2', AWS_ENDPOINT_URL: 'http://all:3' },
    ],
    ['us-east-1 http://all:3/jars/a/b%20c.jar', {}, { AWS_ENDPOINT_URL: 'http://all:3' }],
  ])('%s', (expected, settings, env) => {
    expect(urlOf(settings, env)).toBe(expected);
  });

  it('is no host made of a bucket where that would be another one', () => {
    expect(urlOf({}, {}, 'my.jars')).toContain('https://s3.us-east-1.amazonaws.com/my.jars/');
    expect(urlOf({}, {}, 'Old_Jars')).toContain('https://s3.us-east-1.amazonaws.com/Old_Jars/');
  });

  it('follows a bucket to the region it is in, but never away from a store of its own', () => {
    const aws = s3StoreOf({ pathStyle: false, region: 'eu-west-1' }, {});
    expect(aws.urlOf(OBJECT, 'us-west-2').host).toBe('jars.s3.us-west-2.amazonaws.com');
    const own = s3StoreOf({ pathStyle: true, endpoint: { option: 's3.endpoint', text: 'http://minio:9000' } }, {});
    expect(own.urlOf(OBJECT, 'us-west-2').host).toBe('minio:9000');
  });

  it.each<[Parameters<typeof urlOf>[0], Environment, string]>([
    [{ at: 'ftp://minio' }, {}, 's3.endpoint of the operator: "ftp://minio" is not valid, it must be a URL such as'],
    [{ at: 'http://u:canary@minio' }, {}, 's3.endpoint of the operator: "http://***@minio" is not valid'],
    [{ at: 'http://minio?canary=1' }, {}, 's3.endpoint of the operator: "http://minio?***" is not valid'],
    [{}, { AWS_ENDPOINT_URL_S3: 'http://' }, 'AWS_ENDPOINT_URL_S3 of the operator: "http://" is not valid'],
    [
      {},
      { AWS_REGION: 'evil.example.com/' },
      'AWS_REGION of the operator: "evil.example.com/" is not valid, it must be a region',
    ],
    [{ region: 'a.b' }, {}, 's3.region of the operator: "a.b" is not valid'],
  ])('is not told by %j, %j', (settings, env, message) => {
    const told = expect.objectContaining({ message: expect.stringContaining(message) });
    expect(() => urlOf(settings, env)).toThrow(told);
  });

  it('is by the suffix of the partition', () => {
    expect(awsHost('sts', 'eusc-de-east-1')).toBe('sts.eusc-de-east-1.amazonaws.eu');
  });
});

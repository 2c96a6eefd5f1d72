import { describe, expect, it } from 'vitest';
import { isBelow, parseS3Object, parseS3Prefix } from './s3-object.ts';

describe('an object in S3', () => {
  it.each([
    ['s3://jars/a.jar', 'jars', 'a.jar'],
    ['s3a://jars/team a/ü.jar', 'jars', 'team a/ü.jar'],
    ['S3P://my.jars-1/b//c.jar', 'my.jars-1', 'b/c.jar'],
    ['s3://jars///a.jar', 'jars', 'a.jar'],
    ['s3://jars/a%20b+c.jar', 'jars', 'a%20b+c.jar'],
    ['s3://Old_Bucket/a.jar', 'Old_Bucket', 'a.jar'],
    ['s3://jars/..a/b...jar', 'jars', '..a/b...jar'],
  ])('is named by %s', (uri, bucket, key) => {
    expect(parseS3Object(uri)).toEqual({ bucket, key });
  });

  it.each([
    'https://jars/a.jar',
    's3n://jars/a.jar',
    's3:/jars/a.jar',
    's3://jars',
    's3://jars/',
    's3://jars/folder/',
    's3:///a.jar',
    's3://j/a.jar',
    's3://user@jars/a.jar',
    's3://key:secret@jars/a.jar',
    's3://jars:9000/a.jar',
    's3://jars/../other/a.jar',
    's3://jars/./a.jar',
    's3://jars/a/..',
    's3://jars/a.jar?versionId=1',
    's3://jars/a.jar#b',
    's3://jars/a\nb.jar',
    's3://jars/\ud800.jar',
    `s3://jars/${'ü'.repeat(513)}`,
    's3://-jars/a.jar',
    's3://ja rs/a.jar',
    's3://[::1]/a.jar',
  ])('is not named by %j', (uri) => {
    expect(parseS3Object(uri)).toBeUndefined();
  });

  it.each([
    ['s3://jars', true],
    ['s3a://jars/', true],
    ['s3://jars/team/', true],
    ['s3://jars/team/a.jar', true],
    ['s3://jar', false],
    ['s3://jars/tea', false],
    ['s3://jars/team/a', false],
    ['s3://jars/other', false],
    ['s3://JARS', false],
  ])('is below %s: %s', (prefix, below) => {
    const parsed = parseS3Prefix(prefix);
    expect(parsed).toBeDefined();
    expect(isBelow({ bucket: 'jars', key: 'team/a.jar' }, [parsed ?? ''])).toBe(below);
  });

  it('is below nothing where nothing is named', () => {
    expect(isBelow({ bucket: 'jars', key: 'a.jar' }, [])).toBe(false);
    expect(['', 's3://', 'jars', 's3://jars/..', 's3://jars/*?'].map(parseS3Prefix)).toEqual(Array(5).fill(undefined));
  });
});

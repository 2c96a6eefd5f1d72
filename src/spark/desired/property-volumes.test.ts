import { describe, expect, it } from 'vitest';
import { submissionOf } from '../conf/submission.ts';
import { effectiveConf } from '../spark-conf.ts';
import { aSparkApplication } from '../testing.ts';
import { validateSpec } from '../validate.ts';
import { desiredSubmission } from './index.ts';

interface PodSpec {
  readonly volumes: readonly { readonly name: string }[];
  readonly containers: readonly {
    readonly image?: string;
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly volumeMounts: readonly { readonly name: string }[];
  }[];
}

const SUBMISSION = submissionOf('uid', 1, 0);

function driverSpec(sparkVersion: string, sparkConf: Record<string, string>, image = 'spark'): PodSpec {
  const application = aSparkApplication({ spec: { sparkVersion, sparkConf, image } });
  expect(validateSpec(application.metadata, application.spec)).toEqual([]);
  const { driver } = desiredSubmission(application, effectiveConf(application, SUBMISSION), SUBMISSION);
  return driver.spec as unknown as PodSpec;
}

function claim(volume: string, options: Record<string, string>): Record<string, string> {
  const key = `spark.kubernetes.driver.volumes.persistentVolumeClaim.${volume}`;
  return Object.fromEntries(
    Object.entries({ 'options.claimName': 'OnDemand', 'mount.path': `/mnt/${volume}`, ...options }).map(
      ([option, value]) => [`${key}.${option}`, value],
    ),
  );
}

describe('a claim on demand for the driver', () => {
  const options = { 'options.storageClass': 'gp3', 'options.sizeLimit': '10Gi' };

  it.each([
    ['3.5.9', {}, 'ReadWriteOnce'],
    ['4.0.1', {}, 'ReadWriteOncePod'],
    ['4.3.0', { 'spark.kubernetes.legacy.useReadWriteOnceAccessMode': 'true' }, 'ReadWriteOnce'],
  ])('is made with the pod and goes with it, by Spark %s %o as %s', (version, legacy, mode) => {
    const { volumes, containers } = driverSpec(version, { ...claim('data', options), ...legacy });
    expect(volumes.find(({ name }) => name === 'data')).toEqual({
      name: 'data',
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { labels: { 'spark-app-selector': SUBMISSION.applicationId } },
          spec: { accessModes: [mode], storageClassName: 'gp3', resources: { requests: { storage: '10Gi' } } },
        },
      },
    });
    expect(containers[0]?.volumeMounts).toContainEqual({ name: 'data', mountPath: '/mnt/data' });
  });

  it('has the labels and annotations that are asked for, and the class of the cluster where none is', () => {
    const more = { 'label.team': 'orders', 'annotation.note': 'scratch', 'options.sizeLimit': '1Gi' };
    const { volumes } = driverSpec('4.0.1', claim('data', more));
    expect(volumes.find(({ name }) => name === 'data')).toMatchObject({
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { labels: { team: 'orders' }, annotations: { note: 'scratch' } },
          spec: { accessModes: ['ReadWriteOncePod'], resources: { requests: { storage: '1Gi' } } },
        },
      },
    });
  });

  it('holds the local data where its name says so', () => {
    const { volumes, containers } = driverSpec('3.5.9', claim('spark-local-dir-1', options));
    expect(volumes.filter(({ name }) => name.startsWith('spark-local-dir-'))).toHaveLength(1);
    expect(containers[0]?.env).toContainEqual({ name: 'SPARK_LOCAL_DIRS', value: '/mnt/spark-local-dir-1' });
  });
});

it.each([
  ['4.1.0', 'spark:4.1.0-x'],
  ['4.0.1', 'spark:{{SPARK_VERSION}}-x'],
])('Spark %s has the placeholder of its version in the image filled in from 4.1 on', (version, expected) => {
  expect(driverSpec(version, {}, 'spark:{{SPARK_VERSION}}-x').containers[0]?.image).toBe(expected);
});

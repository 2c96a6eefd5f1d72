import { findCondition } from '../../src/kube/conditions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { countingJob } from '../kit/count.ts';
import { flinkTarget, highlyAvailable } from '../kit/flink.ts';
import { installOperator } from '../kit/operator.ts';
import { type S3, startS3 } from '../kit/s3.ts';
import {
  countingSessionJob,
  describeSessionJob,
  flinkSession,
  type LiveSessionJob,
  readSessionJob,
  sessionJobTarget,
} from '../kit/session.ts';
import { deniedWith } from '../kit/webhook.ts';
import { untilGone } from './life.ts';
import { operatorPods, twoReplicas, upgraded } from './release.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { deleteJob, untilJobRuns, untilSessionReady, upgradeBySavepoint } from './session.ts';

const session = 'shared';
const bucket = 'jars';
const name = 'from-s3';
const jarURI = `s3://${bucket}/counting.jar`;
const secret = 'weir-s3';
/** A job whose jar is in a bucket that the platform team leaves out. */
const outside = { name: 'outside', jarURI: 's3://other/counting.jar' } as const;
const outsideRefused =
  `spec.job.jarURI: "${outside.jarURI}" is not valid, it must be in a bucket or folder of ` +
  `kubernetes.operator.user.artifacts.s3.allowed-prefixes (s3://${bucket})`;

/** A platform team gives the operator a store of jars, and whoever writes FlinkSessionJobs only names them. */
export const sessionJarInS3: Scenario = {
  name: 'session-s3-jar',
  summary:
    'Flink 2.3, session job with its jar in S3: refused without credentials; run and upgraded with those the chart gives; a jar that is not there, a bucket left out',
  images: ['flink-2.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    const { kube, namespace, operator, stage } = context;
    const s3 = await startS3(stage.cluster, bucket);
    try {
      await begin(context, s3);
      await refusedWithoutCredentials(context);
      await giveStore(context, s3);
      const live = await untilJobRuns(context, name);
      await refusedOutside(context);
      const upgraded = await upgradeBySavepoint(context, session, live);
      await keptWithoutJar(context, upgraded);
      await expectNoKeys(context, s3);
    } finally {
      await installOperator(stage, operator.namespace);
      await kube.delete({ plural: 'secrets', namespace: operator.namespace, name: secret });
      await s3.stop();
    }
    for (const job of [name, outside.name]) await deleteJob(context, job);
    await kube.delete(flinkTarget(namespace, session));
    await untilGone(context, session);
  },
};

/** A session, and the counting job's jar as an object: the image has it where no class path looks. */
async function begin(context: ScenarioContext, s3: S3): Promise<void> {
  const { kube, namespace, stage } = context;
  const image = context.flinkImage('2.3.0');
  const flinkConfiguration = { ...highlyAvailable('file:///state'), 'execution.checkpointing.interval': '1s' };
  await kube.apply(flinkSession({ name: session, namespace, image, flinkVersion: 'v2_3', flinkConfiguration }));
  await untilSessionReady(context, session);
  const path = new URL(countingJob().jarURI as string).pathname;
  const jar = await stage.run('kubectl', ['-n', namespace, 'exec', `deployment/${session}`, '--', 'base64', path]);
  await s3.put('counting.jar', Buffer.from(jar, 'base64'));
}

function job({ namespace }: ScenarioContext, of: { readonly name: string; readonly jarURI: string }): KubeObject {
  return countingSessionJob({ namespace, name: of.name, session }, { upgradeMode: 'savepoint', jarURI: of.jarURI });
}

async function refusedWithoutCredentials(context: ScenarioContext): Promise<void> {
  await context.kube.apply(job(context, { name, jarURI }));
  await context.kube.apply(job(context, outside));
  const said = await untilStalled(context, name, 'ArtifactRefused');
  expect(said.startsWith(`${jarURI}: the operator has no credentials for S3. `), `${name} says ${said}`);
}

/** As a platform team does: where the store is and what of it may be named in the configuration, keys in a Secret. */
async function giveStore(context: ScenarioContext, { configuration }: S3): Promise<void> {
  const { kube, operator } = context;
  const { access, secret: key } = keysOf(configuration);
  await kube.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secret, namespace: operator.namespace },
    stringData: { AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: key },
  } as KubeObject);
  const config = {
    's3.endpoint': configuration['s3.endpoint'],
    's3.path.style.access': true,
    'kubernetes.operator.user.artifacts.s3.allowed-prefixes': `s3://${bucket}`,
  };
  await upgraded(context, [
    ...['--set-json', `defaultConfiguration=${JSON.stringify({ 'config.yaml': JSON.stringify(config) })}`],
    ...['--set-json', `operatorPod=${JSON.stringify({ envFrom: [{ secretRef: { name: secret } }] })}`],
    ...['--set', 'logLevel=debug'],
  ]);
  await twoReplicas(context);
}

function keysOf(configuration: S3['configuration']): { readonly access: string; readonly secret: string } {
  const { 's3.access-key': access = '', 's3.secret-key': key = '' } = configuration;
  return { access, secret: key };
}

/** What was stored before there was a rule is told of it, what is applied from then on is not stored. */
async function refusedOutside(context: ScenarioContext): Promise<void> {
  expectEqual('Stalled', await untilStalled(context, outside.name, 'ValidationError'), outsideRefused);
  const late = job(context, { ...outside, name: 'outside-too' });
  await context.until('the webhook to refuse another one', async () => {
    const denied = await context.kube.apply(late).then(() => undefined, deniedWith);
    return denied === outsideRefused ? { done: true } : { not: denied ?? 'it was taken' };
  });
}

/** A jar that is not there: that is said, and the job that runs is not touched. */
async function keptWithoutJar(context: ScenarioContext, { status }: LiveSessionJob): Promise<void> {
  const { kube, namespace, say } = context;
  const target = sessionJobTarget(namespace, name);
  const missing = `s3://${bucket}/missing.jar`;
  say(`edit ${name}: ${missing}`);
  await kube.patch(target, { spec: { job: { jarURI: missing } } });
  const said = await untilStalled(context, name, 'ArtifactNotAvailable');
  expectEqual('Stalled', said, `${missing} answered 404 NoSuchKey`);
  const now = await readSessionJob(kube, namespace, name);
  const { jobId, startTime, state } = now?.status.jobStatus ?? {};
  const before = [status.jobStatus?.jobId, status.jobStatus?.startTime, 'RUNNING'];
  expectEqual('id, start and state of the job', [jobId, startTime, state], before);
  say(`edit ${name}: ${jarURI}`);
  await kube.patch(target, { spec: { job: { jarURI } } });
  await untilJobRuns(context, name);
}

/** Waits until the newest generation is Stalled for this reason, and returns what it says. */
async function untilStalled(context: ScenarioContext, job: string, wanted: string): Promise<string> {
  return context.until(`session job ${job} to say ${wanted}`, async () => {
    const seen = await readSessionJob(context.kube, context.namespace, job);
    const { reason, message = '' } = findCondition(seen?.status.conditions, 'Stalled') ?? {};
    const done = seen?.status.observedGeneration === seen?.object.metadata.generation && reason === wanted;
    return done ? { done: message } : { not: describeSessionJob(seen) };
  });
}

/** The keys are in the Secret, and in nothing that the operator writes. */
async function expectNoKeys(context: ScenarioContext, { configuration }: S3): Promise<void> {
  const { kube, namespace, operator } = context;
  const log = async ({ metadata }: KubeObject): Promise<string> =>
    kube.text(`/api/v1/namespaces/${operator.namespace}/pods/${metadata.name}/log`);
  const logs = (await Promise.all((await operatorPods(context)).map(log))).join('');
  expect(logs.includes('missing.jar answered 404'), 'the log says nothing of the jar that is not there');
  const lists = (['flinksessionjobs', 'flinkdeployments', 'events', 'configmaps'] as const).flatMap((plural) => [
    kube.list(plural, namespace),
    kube.list(plural, operator.namespace),
  ]);
  const written = logs + JSON.stringify(await Promise.all(lists));
  const { access, secret: key } = keysOf(configuration);
  expectEqual('which of the keys was written', [written.includes(access), written.includes(key)], [false, false]);
}

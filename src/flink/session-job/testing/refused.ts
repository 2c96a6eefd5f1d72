import type { DeepPartial } from '../../testing.ts';
import type { FlinkSessionJobSpec } from '../schema.ts';

const HOST = 'kubernetes.operator.user.artifacts.disallow-restricted-hosts is true';

const FORMS =
  'a URL such as https://repo.example.com/job.jar or s3://bucket/job.jar, or local:///path/in/the/image/of/the/session/job.jar';
const S3_FORM =
  "be s3://bucket/key with the name of a bucket and the key of an object, without user, port, '?', '#' or folders named . or ..";

/** How a FlinkSessionJob differs from an ordinary one, and what its author is told is wrong with it. */
export const REFUSED_SESSION_JOBS: readonly (readonly [spec: DeepPartial<FlinkSessionJobSpec>, message: string])[] = [
  [{ deploymentName: undefined }, 'spec.deploymentName: is missing, it must name the session cluster'],
  [
    { deploymentName: 'A_b' },
    "spec.deploymentName: \"A_b\" is not valid, it must be at most 45 lower-case letters, digits and '-', start with a letter and not end with '-'",
  ],
  [{ job: undefined }, 'spec.job: is missing, it must say what runs on the session'],
  [
    { job: { jarURI: undefined } },
    "spec.job.jarURI: is missing, it must name the job's jar, unless entryClass names a class on the class path of the session",
  ],
  [{ job: { jarURI: 'usrlib/a.jar' } }, `spec.job.jarURI: "usrlib/a.jar" is not valid, it must be ${FORMS}`],
  [
    { job: { jarURI: 'http://jars.example.com/a.jar' } },
    'spec.job.jarURI: "http://jars.example.com/a.jar" is not valid, it must have a scheme of kubernetes.operator.user.artifacts.allowed-schemes (https, s3, s3a, s3p)',
  ],
  [
    { job: { jarURI: 'gs://bucket/a.jar' } },
    `spec.job.jarURI: "gs://bucket/a.jar" is not valid, it must be ${FORMS}; Weir fetches no other schemes; for gs: name a signed URL of it (https://storage.googleapis.com/BUCKET/job.jar?…), or put the jar into the image`,
  ],
  [
    { job: { jarURI: 'abfs://jars@account.dfs.core.windows.net/a.jar' } },
    `spec.job.jarURI: "abfs://***@account.dfs.core.windows.net/a.jar" is not valid, it must be ${FORMS}; Weir fetches no other schemes; for abfs: name a URL with a shared access signature (https://ACCOUNT.blob.core.windows.net/CONTAINER/job.jar?…), or put the jar into the image`,
  ],
  [
    { job: { jarURI: 'hdfs://namenode:8020/a.jar' } },
    `spec.job.jarURI: "hdfs://namenode:8020/a.jar" is not valid, it must be ${FORMS}; Weir fetches no other schemes; for hdfs: name a copy of it on a web server, or put the jar into the image`,
  ],
  [
    { job: { jarURI: 'ftp://host/a.jar' } },
    `spec.job.jarURI: "ftp://host/a.jar" is not valid, it must be ${FORMS}; Weir fetches no other schemes`,
  ],
  [{ job: { jarURI: 's3://bucket' } }, `spec.job.jarURI: "s3://bucket" is not valid, it must ${S3_FORM}`],
  [
    { job: { jarURI: 's3://key:secret@bucket/a.jar' } },
    `spec.job.jarURI: "s3://***@bucket/a.jar" is not valid, it must ${S3_FORM}`,
  ],
  [
    { job: { jarURI: 's3://bucket/../../other/a.jar' } },
    `spec.job.jarURI: "s3://bucket/../../other/a.jar" is not valid, it must ${S3_FORM}`,
  ],
  [
    { job: { jarURI: 'file:///var/run/secrets/kubernetes.io/serviceaccount/token' } },
    'spec.job.jarURI: "file:///var/run/secrets/kubernetes.io/serviceaccount/token" is not valid, it must be local:///path for a jar in the image of the session; file: would be a path of the operator\'s own, which users may not read',
  ],
  [
    { job: { jarURI: 'https://10.0.0.1/a.jar' } },
    `spec.job.jarURI: "https://10.0.0.1/a.jar" is not valid, it must name a host on the public internet: 10.0.0.1 is private (10.0.0.0/8), and ${HOST}`,
  ],
  [
    { job: { jarURI: 'https://u:secret@[::1]/a.jar' } },
    `spec.job.jarURI: "https://***@[::1]/a.jar" is not valid, it must name a host on the public internet: ::1 is loopback (::1/128), and ${HOST}`,
  ],
  [
    { job: { jarURI: 'https://0x7f000001/a.jar' } },
    `spec.job.jarURI: "https://0x7f000001/a.jar" is not valid, it must name a host on the public internet: 127.0.0.1 is loopback (127.0.0.0/8), and ${HOST}`,
  ],
  [
    { job: { jarURI: 'local://opt/a.jar', entryClass: 'A' } },
    'spec.job.jarURI: "local://opt/a.jar" is not valid, it must have three slashes and a path: local:///opt/flink/usrlib/job.jar',
  ],
  [
    { job: { jarURI: 'local:///opt/a.jar' } },
    'spec.job.entryClass: is missing, it must name the main class, since jarURI is a path in the image',
  ],
  [
    { flinkConfiguration: { 'kubernetes.cluster-id': 'x' } },
    'spec.flinkConfiguration["kubernetes.cluster-id"]: "x" is not valid, it must not be set, since the session decides it',
  ],
];

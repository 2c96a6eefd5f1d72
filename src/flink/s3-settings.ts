import type { S3Keys, S3Settings } from '../core/ports.ts';

/** What Flink's plug-ins for S3 read: Hadoop's the first three (Flink 2.1, S3FileSystemFactory), Presto's the first and the last. */
const PREFIXES = ['s3.', 's3a.', 'fs.s3a.', 'presto.s3.'];

/** The first option that is set, of these names below those prefixes. */
function optionIn(
  configuration: Readonly<Record<string, string>>,
  ...names: readonly string[]
): { readonly option: string; readonly text: string } | undefined {
  return PREFIXES.flatMap((prefix) => names.map((name) => prefix + name))
    .map((option) => ({ option, text: configuration[option]?.trim() ?? '' }))
    .find(({ text }) => text !== '');
}

/**
 * What the operator's own configuration (flat keys) says of S3, as Flink's plug-ins read it. Its defaults for namespaces and versions are
 * not asked, and nothing of a resource is: whoever could set these would have the operator's requests sent anywhere.
 */
export function s3SettingsOf(configuration: Readonly<Record<string, string>>): S3Settings {
  const endpoint = optionIn(configuration, 'endpoint');
  const region = optionIn(configuration, 'endpoint.region', 'region')?.text;
  const keys = keysOf(configuration);
  return {
    pathStyle: optionIn(configuration, 'path.style.access', 'path-style-access')?.text.toLowerCase() === 'true',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(keys === undefined ? {} : { keys }),
  };
}

/** One without the other is passed over, as by Hadoop's plug-in. */
function keysOf(configuration: Readonly<Record<string, string>>): S3Keys | undefined {
  const accessKeyId = optionIn(configuration, 'access-key', 'access.key')?.text;
  const secretAccessKey = optionIn(configuration, 'secret-key', 'secret.key')?.text;
  const sessionToken = optionIn(configuration, 'session.token')?.text;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

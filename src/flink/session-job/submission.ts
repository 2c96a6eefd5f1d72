import type { ArtifactRequest } from '../../core/ports.ts';
import type { FlinkConf } from '../flink-conf.ts';
import { jobOptions } from '../options.ts';
import type { JarRules } from './jar.ts';

/** The jar that a run is asked for with. Flink keeps it until the job was submitted. */
export interface JarToRun {
  /** Begins the name of every jar uploaded for this resource. */
  readonly prefix: string;
  /** The same for every pass that prepares the same spec, so that what was uploaded before is found again. */
  readonly name: string;
  /** Where the content comes from; absent: an empty jar, for code that is on the session already. */
  readonly artifact?: ArtifactRequest;
}

/** Body of POST /jars/:id/run (Flink 1.15 to 2.3); `flinkConfiguration` from 1.17 on. */
export interface RunRequest {
  /** Chosen and recorded before: Flink refuses a second job of the same id. */
  readonly jobId: string;
  readonly entryClass?: string;
  readonly programArgsList?: readonly string[];
  readonly parallelism?: number;
  readonly allowNonRestoredState?: boolean;
  readonly savepointPath?: string;
  readonly flinkConfiguration?: Readonly<Record<string, string>>;
}

/** Everything a submission consists of. */
export interface Submission {
  readonly jar: JarToRun;
  readonly run: RunRequest;
}

/** What the operator's configuration allows of jarURI. */
export function jarRulesOf(conf: FlinkConf): JarRules {
  const { artifactAllowedSchemes, artifactDisallowRestrictedHosts, artifactS3Prefixes } = jobOptions(conf);
  return {
    allowedSchemes: artifactAllowedSchemes,
    restrictedHosts: artifactDisallowRestrictedHosts ? 'refused' : 'allowed',
    s3Prefixes: artifactS3Prefixes,
  };
}

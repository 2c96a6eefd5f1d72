import type { SparkApplicationSpec } from './schema.ts';

/** What an application is written in, as Spark tells it: `spark.kubernetes.resource.type`. */
export type Language = 'java' | 'python' | 'r';

/** Spark goes by the end of the main file's name, whatever spec.type says (SparkSubmit.isPython, isR; 3.3 to 4.3). */
export function languageOf({ mainApplicationFile = '' }: SparkApplicationSpec): Language {
  if (mainApplicationFile.endsWith('.py')) return 'python';
  return /\.[rR]$/.test(mainApplicationFile) ? 'r' : 'java';
}

/** The main resource of an application that has no file of its own. */
export const NO_RESOURCE = 'spark-internal';

/** The scheme of a URI in lower case; undefined for a bare path. */
export function schemeOf(uri: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):/i.exec(uri.trim())?.[1]?.toLowerCase();
}

import type { KubeObject } from '../../kube/object.ts';
import { notAppliedWarnings } from '../notices.ts';
import { applicationFor } from './application.ts';
import type { SparkConnectSpec } from './schema.ts';

/** A sentence about each field of a SparkConnect that nothing is done with, as of an application whose driver is the server. */
export function connectWarnings(connect: KubeObject, spec: SparkConnectSpec): readonly string[] {
  return notAppliedWarnings(applicationFor(connect, spec).spec).map(fieldsOfServer);
}

/** Sentences about fields of an application, joined by `; ` or one alone, as they are about those of a SparkConnect. */
export function fieldsOfServer(sentences: string): string {
  return sentences.replaceAll(/(^|; )spec\.driver\b/g, '$1spec.server');
}

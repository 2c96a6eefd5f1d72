import type { Admission } from '../core/admission.ts';
import type { KubeObject } from '../kube/object.ts';
import { notAppliedWarnings } from './notices.ts';
import { parseSparkApplicationSpec, SPARK_APPLICATION_KIND } from './schema.ts';
import { refusalOf } from './situation.ts';

/** The rules for SparkApplications. */
export const SPARK_ADMISSION: Admission = {
  kind: { ...SPARK_APPLICATION_KIND, plural: 'sparkapplications' },
  judge: (resource) => ({ issues: refusalOf(resource)?.issues ?? [], warnings: warningsOf(resource) }),
};

function warningsOf(resource: KubeObject): readonly string[] {
  const parsed = parseSparkApplicationSpec(resource.spec);
  return parsed.ok ? notAppliedWarnings(parsed.value) : [];
}

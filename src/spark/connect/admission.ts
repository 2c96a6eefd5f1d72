import type { Admission } from '../../core/admission.ts';
import { connectWarnings } from './notices.ts';
import { UNSEEN } from './observed.ts';
import { SPARK_CONNECT_KIND } from './schema.ts';
import { connectSituation } from './situation.ts';

/** The rules for SparkConnects. */
export const CONNECT_ADMISSION: Admission = {
  kind: { ...SPARK_CONNECT_KIND, plural: 'sparkconnects' },
  judge: (resource) => {
    const { refusal, spec } = connectSituation(resource, UNSEEN, new Date(0));
    return { issues: refusal?.issues ?? [], warnings: connectWarnings(resource, spec) };
  },
};

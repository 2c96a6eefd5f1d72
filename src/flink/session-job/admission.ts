import type { Admission, Judgement } from '../../core/admission.ts';
import type { Reader } from '../../core/ports.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { OperatorDefaults } from '../flink-conf.ts';
import { sentences } from '../notice.ts';
import { isCanary } from './labels.ts';
import { sessionJobNotices } from './notices.ts';
import { sessionOf } from './observe.ts';
import { readSessionJobRecord } from './record.ts';
import { type FlinkSessionJobStatus, SESSION_JOB_KIND } from './schema.ts';
import { refusalOf } from './situation.ts';

/**
 * The rules for FlinkSessionJobs under the operator's configuration of the moment. A session that is not there yet breaks
 * none: job and session may come in any order.
 */
export function sessionJobAdmission(defaults: () => OperatorDefaults): Admission {
  return {
    kind: { ...SESSION_JOB_KIND, plural: 'flinksessionjobs' },
    judge: (resource, read) => ({
      issues: issuesOf(resource, read, defaults()),
      warnings: sentences(sessionJobNotices(resource, sessionOf(resource, read), defaults())),
    }),
  };
}

/** Nothing is made of a canary, so nothing in it can be wrong. */
function issuesOf(resource: KubeObject, read: Reader, defaults: OperatorDefaults): Judgement['issues'] {
  const record = readSessionJobRecord(resource.status as FlinkSessionJobStatus | undefined);
  if (isCanary({ resource, record })) return [];
  return refusalOf(resource, sessionOf(resource, read), defaults)?.issues ?? [];
}

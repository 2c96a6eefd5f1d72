import type { Admission } from '../../core/admission.ts';
import { sentences } from '../notice.ts';
import { snapshotNotices } from './notices.ts';
import { SNAPSHOT_KIND } from './schema.ts';
import { refusalOf } from './situation.ts';

/** The rules for FlinkStateSnapshots. A job that is not there breaks none: the snapshot waits for it. */
export const SNAPSHOT_ADMISSION: Admission = {
  kind: { ...SNAPSHOT_KIND, plural: 'flinkstatesnapshots' },
  judge: (resource) => ({ issues: refusalOf(resource)?.issues ?? [], warnings: sentences(snapshotNotices(resource)) }),
};

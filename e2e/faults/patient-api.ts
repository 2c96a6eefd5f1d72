import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../../bench/api.ts';
import { refOf } from '../../src/kube/object.ts';
import { KubeError } from '../../src/runtime/classify-failure.ts';

const EVERY_MS = 250;
const PATIENCE_MS = 120_000;

/** The same requests, each tried again while the API server or etcd is away, for two minutes at most. */
export function patientApi(api: Api): Api {
  return {
    ...api,
    create: async (object) => {
      let again = false;
      return patiently(async () => {
        try {
          return await api.create(object);
        } catch (error) {
          // An earlier try was carried out, only its answer was lost.
          if (again && error instanceof KubeError && error.status === 409) return api.get(refOf(object));
          again = true;
          throw error;
        }
      });
    },
    post: (...args) => patiently(() => api.post(...args)),
    get: (ref) => patiently(() => api.get(ref)),
    list: (...args) => patiently(() => api.list(...args)),
    patch: (...args) => patiently(() => api.patch(...args)),
    delete: (...args) => patiently(() => api.delete(...args)),
  };
}

async function patiently<T>(request: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (!isOutage(error) || performance.now() > deadline) throw error;
      await sleep(EVERY_MS, undefined, { ref: false });
    }
  }
}

/** No answer, or one that says to come again. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  const { status } = error;
  return status === undefined || status === 429 || status >= 500;
}

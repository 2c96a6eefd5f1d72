import type { KindRef, ServiceHttp } from '../../core/ports.ts';
import type { ObjectKey } from '../../kube/object.ts';
import type { KubeClient } from '../../runtime/kube-client.ts';

/** What the operator holds at one moment. */
export interface OperatorLoad {
  readonly watches: number;
  /** Timers that are set. */
  readonly timers: number;
  /** Requests that wait for their answer, watches aside. */
  readonly requests: number;
  /** The most that waited at once, so far. */
  readonly mostRequests: number;
  /** The keys of which a controller keeps anything, and what they name. */
  readonly held: readonly { readonly kind: KindRef; readonly keys: ReadonlySet<ObjectKey> }[];
}

/** Counts the requests that go through it. */
export interface RequestMeter {
  readonly waiting: number;
  readonly most: number;
  client(client: KubeClient): KubeClient;
  http(http: ServiceHttp): ServiceHttp;
}

/** A meter that has seen nothing yet. */
export function createRequestMeter(): RequestMeter {
  let [waiting, most] = [0, 0];
  const answered = (): void => {
    waiting -= 1;
  };
  const counted = <T>(answer: Promise<T>): Promise<T> => {
    waiting += 1;
    most = Math.max(most, waiting);
    answer.then(answered, answered);
    return answer;
  };
  return {
    get waiting() {
      return waiting;
    },
    get most() {
      return most;
    },
    client: (client) => ({ ...client, request: (request) => counted(client.request(request)) }),
    http: (http) => ({ request: (request, signal) => counted(http.request(request, signal)) }),
  };
}

/** What a job's jar does, as far as anything outside it can tell. Chosen by a scenario for an image and jar. */
export interface JobCode {
  readonly vertices: readonly CodeVertex[];
  /** State written by another serializer version cannot be read: the tasks fail when they are restored. */
  readonly serializer?: string;
  /** Milliseconds of processing, over all executions of the same state, after which the sources end: a batch job. */
  readonly finishesAfterMs?: number;
  /** Milliseconds after its tasks run at which a task fails, each time anew. */
  readonly failsAfterMs?: number;
  /** No restart strategy: the first failure is the end. */
  readonly noRestart?: boolean;
  /** The main method throws this. */
  readonly mainFails?: string;
  /** Records a second that come in; none unless given. */
  readonly perSecond?: number;
}

/** One vertex of the job graph. */
export interface CodeVertex {
  readonly name: string;
  /** uids of the operators in it that hold state. */
  readonly stateful: readonly string[];
  /** Set in the code, so that it wins over parallelism.default. */
  readonly parallelism?: number;
  /** Records a second that one task can do; any number unless given. */
  readonly perTask?: number;
}

/** What identifies the code a JobManager runs. */
export interface CodeRef {
  readonly image: string;
  /** The URL of the jar; the main class where that is on the class path. */
  readonly jar: string;
  readonly args: readonly string[];
}

/** A source that counts and a sink: the code wherever a scenario names no other. */
export const COUNTING: JobCode = {
  vertices: [
    { name: 'Source: numbers', stateful: ['numbers'] },
    { name: 'count -> Sink: Print to Std. Out', stateful: ['count'] },
  ],
};

/** The uids of all stateful operators. */
export function statefulOperators(code: JobCode): readonly string[] {
  return code.vertices.flatMap((vertex) => vertex.stateful);
}

/** 32 hex digits as Flink's operator and vertex ids have, the same for the same uid. */
export function operatorId(uid: string): string {
  let [a, b] = [0x811c9dc5, 0x1000193];
  for (const char of uid) {
    a = Math.imul(a ^ char.charCodeAt(0), 0x01000193) >>> 0;
    b = Math.imul(b ^ (a >>> 7), 0x85ebca6b) >>> 0;
  }
  const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
  return hex(a) + hex(b) + hex(a ^ 0x5bd1e995) + hex(b ^ 0x2545f491);
}

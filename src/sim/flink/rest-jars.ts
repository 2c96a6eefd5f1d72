import type { ProcessAnswer } from '../process.ts';
import { adaptiveOf } from './adaptive.ts';
import type { CodeRef } from './code.ts';
import { failure } from './failures.ts';
import { type JobGraph, jobGraph } from './graph.ts';
import { type Call, ok, type RestParts, refused } from './rest-call.ts';

const DUPLICATE = 'org.apache.flink.runtime.client.DuplicateJobSubmissionException';

/** How often it is looked whether a job was initialized. */
const LOOK_MS = 50;

/** The jars of a session cluster (JarUploadHandler, JarListHandler, JarRunHandler, JarDeleteHandler of Flink 1.20 to 2.3). */
export class RestJars {
  private readonly parts: RestParts;
  /** By id, in the JobManager's own folder: they go with it. */
  private readonly jars = new Map<string, Jar>();
  private readonly waiting = new Set<() => void>();

  constructor(parts: RestParts) {
    this.parts = parts;
  }

  list(): ProcessAnswer {
    if (this.parts.accept === undefined) return refused(404, 'Unable to load requested file /jars.');
    const files = [...this.jars].map(([id, { name }]) => ({ id, name, uploaded: this.parts.now(), entry: [] }));
    return ok({ address: 'http://localhost:8081', files });
  }

  upload({ body }: Call): ProcessAnswer {
    const name = String(body.name);
    const id = `${this.parts.world.hex(32)}_${name}`;
    this.jars.set(id, { name, content: String(body.content) });
    return ok({ filename: `/tmp/flink-web/flink-web-upload/${id}`, status: 'success' });
  }

  /** The process ends: whoever waits for an answer is told nothing. */
  close(): void {
    for (const broken of this.waiting) broken();
  }

  /** Runs the main method, which waits until its job was initialized (EmbeddedExecutor). */
  async run({ id, body }: Call): Promise<ProcessAnswer> {
    const { accept } = this.parts;
    const jar = this.jars.get(id);
    if (accept === undefined || jar === undefined) return refused(400, `Jar file ${id} does not exist`);
    const graph = this.graphOf(body, jar);
    const { mainFails } = graph.code;
    if (mainFails !== undefined) {
      const cause = failure('org.apache.flink.client.program.ProgramInvocationException', mainFails, 'main');
      return notExecuted(cause.trace);
    }
    try {
      if (!accept(graph)) return notExecuted(`${DUPLICATE}: Job has already been submitted.`);
    } catch {
      return notExecuted('org.apache.flink.runtime.client.JobSubmissionException: Failed to submit job.');
    }
    return this.initialized(graph.jobId);
  }

  private initialized(jobId: string): Promise<ProcessAnswer> {
    const { jobs, after } = this.parts;
    return new Promise((resolve, reject) => {
      const broken = (): void => reject(new Error('connection reset'));
      this.waiting.add(broken);
      const look = (): void => {
        const job = jobs.get(jobId);
        if (job?.state === 'INITIALIZING') {
          after(LOOK_MS, look);
          return;
        }
        this.waiting.delete(broken);
        const failed = job?.exceptions[0];
        resolve(failed === undefined ? ok({ jobid: jobId }) : notExecuted(failed.trace));
      };
      after(LOOK_MS, look);
    });
  }

  delete({ id }: Call): ProcessAnswer {
    return this.jars.delete(id) ? ok({}) : refused(400, `File ${id} does not exist in /tmp/flink-web.`);
  }

  private graphOf(body: Call['body'], { content }: Jar): JobGraph {
    const { home, world } = this.parts;
    const own = Object.entries((body.flinkConfiguration ?? {}) as Record<string, string>);
    const parallelism =
      body.parallelism === undefined ? [] : [['parallelism.default', String(body.parallelism)] as const];
    const options = new Map([...home.options, ...own, ...parallelism]);
    const args = (body.programArgsList ?? []) as readonly string[];
    // A jar of the simulation holds its own URL; one that holds no program is uploaded where that is on the class path.
    const jar = URL.canParse(content) ? content : String(body.entryClass ?? '');
    const ref: CodeRef = { image: home.image, jar, args };
    const start = {
      jobId: typeof body.jobId === 'string' ? body.jobId : world.hex(32),
      restorePath: body.savepointPath as string | undefined,
      allowNonRestoredState: body.allowNonRestoredState === true,
      programArgs: args,
    };
    const graph = jobGraph(options, start, world.codeOf(ref), ref);
    // The cluster's own configuration chooses the scheduler of every job (JobMasterServiceLeadershipRunnerFactory).
    return { ...graph, adaptive: adaptiveOf(home.options, graph.vertices) };
  }
}

/** What was uploaded. */
interface Jar {
  readonly name: string;
  readonly content: string;
}

/** The program could not be run to the start of its job. */
function notExecuted(why: string): ProcessAnswer {
  return refused(400, `Could not execute application.\nCaused by: ${why}`);
}

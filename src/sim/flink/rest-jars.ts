import type { ProcessAnswer } from '../process.ts';
import type { CodeRef } from './code.ts';
import { failure, firstLine } from './failures.ts';
import { type JobGraph, jobGraph } from './graph.ts';
import { type Call, ok, type RestParts, refused } from './rest-call.ts';

/** The jars of a session cluster (JarUploadHandler, JarListHandler, JarRunHandler, JarDeleteHandler of Flink 1.20 to 2.3). */
export class RestJars {
  private readonly parts: RestParts;
  /** Names by id, in the JobManager's own folder: they go with it. */
  private readonly names = new Map<string, string>();

  constructor(parts: RestParts) {
    this.parts = parts;
  }

  list(): ProcessAnswer {
    if (this.parts.accept === undefined) return refused(404, 'Unable to load requested file /jars.');
    const files = [...this.names].map(([id, name]) => ({ id, name, uploaded: this.parts.now(), entry: [] }));
    return ok({ address: 'http://localhost:8081', files });
  }

  upload({ body }: Call): ProcessAnswer {
    const name = String(body.name);
    const id = `${this.parts.world.hex(32)}_${name}`;
    this.names.set(id, name);
    return ok({ filename: `/tmp/flink-web/flink-web-upload/${id}`, status: 'success' });
  }

  /** Runs the main method and answers once the job is there, whether or not it can be initialized. */
  run({ id, body }: Call): ProcessAnswer {
    const { accept } = this.parts;
    if (accept === undefined || !this.names.has(id)) return refused(400, `Jar file ${id} does not exist`);
    const graph = this.graphOf(body);
    const { mainFails } = graph.code;
    if (mainFails !== undefined) {
      const cause = failure('org.apache.flink.client.program.ProgramInvocationException', mainFails, 'main');
      return refused(400, firstLine(cause));
    }
    try {
      if (accept(graph)) return ok({ jobid: graph.jobId });
    } catch {
      return { status: 500, body: { errors: ['Internal server error.'] } };
    }
    const duplicate = 'org.apache.flink.runtime.client.DuplicateJobSubmissionException';
    return refused(500, `${duplicate}: Job has already been submitted.`);
  }

  delete({ id }: Call): ProcessAnswer {
    return this.names.delete(id) ? ok({}) : refused(400, `File ${id} does not exist in /tmp/flink-web.`);
  }

  private graphOf(body: Call['body']): JobGraph {
    const { home, world } = this.parts;
    const own = Object.entries((body.flinkConfiguration ?? {}) as Record<string, string>);
    const parallelism =
      body.parallelism === undefined ? [] : [['parallelism.default', String(body.parallelism)] as const];
    const options = new Map([...home.options, ...own, ...parallelism]);
    const args = (body.programArgsList ?? []) as readonly string[];
    const ref: CodeRef = { image: home.image, jar: String(body.entryClass ?? ''), args };
    const start = {
      jobId: typeof body.jobId === 'string' ? body.jobId : world.hex(32),
      restorePath: body.savepointPath as string | undefined,
      allowNonRestoredState: body.allowNonRestoredState === true,
      programArgs: args,
    };
    return jobGraph(options, start, world.codeOf(ref), ref);
  }
}

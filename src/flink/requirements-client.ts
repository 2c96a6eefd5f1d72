import * as z from 'zod';
import type { RequirementsFacts, VertexBounds } from './observed.ts';
import { type Door, errorText, readAs, send, unexpected } from './rest-request-client.ts';
import { boundsFor, type VertexSizes } from './vertex-sizes.ts';

const Requirements = z.record(
  z.string(),
  z.object({ parallelism: z.object({ lowerBound: z.number(), upperBound: z.number() }) }),
);

/** Answers that say nothing about the scheduler: the job is not there (yet), another update, no leader, a proxy in between. */
const PASSING = new Set([404, 409, 429, 502, 503, 504]);

/**
 * Asks for the resource requirements of the door's job (GET /jobs/:id/resource-requirements, Flink 1.18 to 2.3). `refused`
 * where its scheduler knows none. Throws FailureError when nothing that lasts is said.
 */
export async function askRequirements(door: Door): Promise<RequirementsFacts> {
  const request = `GET ${pathOf(door)}`;
  const { status, body } = await send(door, 'GET', pathOf(door));
  if (PASSING.has(status)) throw unexpected(door.target, `${request} answered ${status}`);
  if (status !== 200) return { kind: 'refused', why: errorText(body) || `${request} answered ${status}` };
  const vertices = Object.entries(readAs(door.target, request, body, Requirements));
  const bounds = vertices.map(([id, { parallelism }]) => {
    return [id, { lower: parallelism.lowerBound, upper: parallelism.upperBound }] as const;
  });
  return { kind: 'known', bounds: Object.fromEntries(bounds) };
}

/**
 * Asks Flink to run vertices of a job with other sizes (PUT of the same). Nothing is asked for that is so already, so the
 * request may be repeated. Throws FailureError when Flink does not do it.
 */
export async function rescaleJob(door: Door, sizes: VertexSizes): Promise<void> {
  const found = await askRequirements(door);
  if (found.kind === 'refused') throw unexpected(door.target, `the job cannot be rescaled: ${found.why}`);
  const bounds = boundsFor(found.bounds, sizes);
  if (isSame(found.bounds, bounds)) return;
  const { status, body } = await send(door, 'PUT', pathOf(door), bodyOf(bounds));
  if (status === 200 || status === 202) return;
  throw unexpected(door.target, `PUT ${pathOf(door)} answered ${status}: ${errorText(body)}`);
}

function pathOf({ target }: Door): string {
  return `/jobs/${target.jobId}/resource-requirements`;
}

function isSame(some: VertexBounds, others: VertexBounds): boolean {
  return Object.entries(some).every(([id, { lower, upper }]) => {
    return others[id]?.lower === lower && others[id]?.upper === upper;
  });
}

function bodyOf(bounds: VertexBounds): z.infer<typeof Requirements> {
  const vertices = Object.entries(bounds).map(([id, { lower, upper }]) => {
    return [id, { parallelism: { lowerBound: lower, upperBound: upper } }] as const;
  });
  return Object.fromEntries(vertices);
}

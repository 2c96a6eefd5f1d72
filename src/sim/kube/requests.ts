import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { KubeRequest } from '../../runtime/kube-client.ts';
import type { Backend, Target } from './backend.ts';
import { entryOf } from './backend.ts';
import { deleteObject } from './deletion.ts';
import { listPage, withoutType } from './lists.ts';
import { managedFieldsOf } from './managed-fields.ts';
import type { Entry } from './object-store.ts';
import { applyObject, createObject, patchObject, replaceObject } from './operations.ts';
import { invalid, NotSimulated, Refusal } from './refusal.ts';
import type { Asked, Identity } from './rights.ts';
import { nameSelected, parseLabelSelector, parsePhaseSelector, type Selector } from './selector.ts';
import type { SimKind } from './sim-kinds.ts';
import type { WatchQuery } from './watches.ts';

/** Who sends a request. */
export interface Sender {
  readonly identity: Identity;
  /** Under which the fields are managed that it writes without naming a manager: the first word of its User-Agent. */
  readonly agent: string;
}

/** Where a request goes. */
interface Place {
  readonly kind: SimKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

const PATH =
  /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;
const SUBRESOURCES: ReadonlySet<string | undefined> = new Set([undefined, 'status']);
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

/** Takes a path apart. Throws 404 for a kind that is not served, NotSimulated for paths of another form. */
function placeOf(backend: Backend, path: string): Place {
  const match = PATH.exec(path);
  if (match === null) throw new NotSimulated(`the path ${path}`);
  const [, core, group, namespace, plural = '', name, subresource] = match.map(
    (part) => part && decodeURIComponent(part),
  );
  const kind = backend.kinds.atPath(core ?? group ?? '', plural);
  if (kind === undefined) throw new Refusal(404, 'NotFound', 'the server could not find the requested resource');
  if (!SUBRESOURCES.has(subresource)) throw new NotSimulated(`the subresource ${subresource} of ${kind.resource}`);
  return { kind, namespace, name, subresource };
}

/** Carries out a request other than a watch. Throws Refusal as the server would, NotSimulated for what it cannot do. */
export function serve(backend: Backend, sender: Sender, request: KubeRequest, revision?: number): unknown {
  const place = placeOf(backend, request.path);
  switch (request.method) {
    case 'GET':
      return place.name === undefined
        ? list(backend, sender, place, { request, revision })
        : read(backend, sender, place);
    case 'POST':
      return create(backend, sender, place, request);
    case 'PUT':
      return replace(backend, sender, place, request);
    case 'PATCH':
      return patch(backend, sender, place, request);
    case 'DELETE':
      return remove(backend, sender, place, request);
  }
}

/** What a watch request asks for. Throws 403, 404. */
export function watchQueryOf(backend: Backend, sender: Sender, request: KubeRequest): WatchQuery {
  const place = placeOf(backend, request.path);
  check(sender, place, 'watch');
  const version = request.query?.resourceVersion;
  const since = version === undefined || version === '' || version === '0' ? undefined : Number(version);
  if (Number.isNaN(since)) throw new Refusal(500, 'InternalError', `invalid resource version: ${version}`);
  return { kind: place.kind, namespace: place.namespace, selector: selectorOf(request), since };
}

function check(sender: Sender, { kind, namespace, name, subresource }: Place, verb: Asked['verb']): void {
  sender.identity.check({ verb, kind, subresource, namespace, name });
}

function selectorOf({ query = {} }: KubeRequest): Selector | undefined {
  const { labelSelector: labels, fieldSelector: fields } = query;
  const all = [
    ...(labels === undefined || labels === '' ? [] : [parseLabelSelector(String(labels))]),
    ...(fields === undefined ? [] : [parsePhaseSelector(String(fields))]),
  ];
  return all.length === 0 ? undefined : (object) => all.every((selects) => selects(object));
}

function list(
  backend: Backend,
  sender: Sender,
  place: Place,
  { request, revision }: { readonly request: KubeRequest; readonly revision: number | undefined },
): object {
  const name = nameSelected(String(request.query?.fieldSelector ?? ''));
  check(sender, { ...place, name }, 'list');
  if (name !== undefined) return listOf(backend, { ...place, name });
  const { limit, continue: token } = request.query ?? {};
  return listPage(backend.store, {
    kind: place.kind,
    namespace: place.namespace,
    selector: selectorOf(request),
    limit: limit === undefined ? undefined : Number(limit),
    continueToken: token === undefined ? undefined : String(token),
    revision,
  });
}

/** A list of one name: like a get it is answered as things are. */
function listOf({ store }: Backend, place: Place): object {
  const { apiVersion, kind, key } = place.kind;
  const entry = store.get(key, targetOf(place, undefined).key);
  const items = entry === undefined ? [] : [withManagers(entry)];
  return {
    kind: `${kind}List`,
    apiVersion,
    metadata: { resourceVersion: String(store.revision) },
    items: place.kind.builtIn ? items.map(withoutType) : items,
  };
}

function read(backend: Backend, sender: Sender, place: Place): KubeObject {
  check(sender, place, 'get');
  return withManagers(entryOf(backend, targetOf(place, undefined)));
}

function withManagers({ object, managers }: Entry): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, managedFields: managedFieldsOf(object, managers) },
  } as KubeObject;
}

function targetOf({ kind, namespace, name = '', subresource }: Place, manager: string | undefined): Target {
  return { kind, key: namespace === undefined ? name : `${namespace}/${name}`, subresource, manager };
}

function managerOf(sender: Sender, { query = {} }: KubeRequest): string {
  return query.fieldManager === undefined ? sender.agent : String(query.fieldManager);
}

/** The body as an object of the place. Throws 400 where it says otherwise. */
function bodyOf(place: Place, { body }: KubeRequest): KubeObject {
  if (!isRecord(body)) throw new Refusal(400, 'BadRequest', 'the body of the request is not an object');
  const metadata = isRecord(body.metadata) ? body.metadata : {};
  checkType(place, body);
  const problem = placeProblem(place, metadata);
  if (problem !== undefined) throw new Refusal(400, 'BadRequest', problem);
  const { namespace, name } = place;
  const given = { ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
  return { ...body, metadata: { ...metadata, ...given } } as unknown as KubeObject;
}

/** A built-in kind is decoded as what it says it is, a custom one is checked against its definition. */
function checkType({ kind }: Place, body: Readonly<Record<string, unknown>>): void {
  if (body.apiVersion === kind.apiVersion && body.kind === kind.kind) return;
  if (!kind.builtIn && body.apiVersion === kind.apiVersion) {
    throw invalid(kind.kind, '', `kind: Invalid value: "${body.kind}": must be ${kind.kind}`);
  }
  const said = `${body.apiVersion}, Kind=${body.kind}`;
  throw new Refusal(400, 'BadRequest', `the API version in the data (${said}) does not match the expected API version`);
}

function placeProblem({ namespace, name }: Place, metadata: Readonly<Record<string, unknown>>): string | undefined {
  const differs = (said: unknown, wanted: string | undefined): boolean =>
    wanted !== undefined && said !== undefined && said !== wanted;
  if (differs(metadata.namespace, namespace)) {
    return 'the namespace of the provided object does not match the namespace sent on the request';
  }
  return differs(metadata.name, name) ? 'the name of the object does not match the name on the URL' : undefined;
}

function create(backend: Backend, sender: Sender, place: Place, request: KubeRequest): KubeObject {
  check(sender, place, 'create');
  const manager = managerOf(sender, request);
  return createObject(backend, { kind: place.kind, manager }, bodyOf(place, request));
}

function replace(backend: Backend, sender: Sender, place: Place, request: KubeRequest): KubeObject {
  check(sender, place, 'update');
  return replaceObject(backend, targetOf(place, managerOf(sender, request)), bodyOf(place, request));
}

function patch(backend: Backend, sender: Sender, place: Place, request: KubeRequest): KubeObject {
  check(sender, place, 'patch');
  const { contentType, query = {} } = request;
  if (contentType === MERGE) return patchObject(backend, targetOf(place, managerOf(sender, request)), request.body);
  if (contentType !== APPLY) throw new NotSimulated(`patches of the type ${contentType}`);
  const target = targetOf(place, query.fieldManager === undefined ? undefined : String(query.fieldManager));
  const exists = backend.store.get(target.kind.key, target.key) !== undefined;
  if (!exists && place.subresource === undefined) check(sender, place, 'create');
  return applyObject(backend, target, bodyOf(place, request), query.force === true || query.force === 'true').object;
}

/** Answers with the object while something keeps it, and with a Status once it is gone (not for all kinds). */
function remove(backend: Backend, sender: Sender, place: Place, { body }: KubeRequest): unknown {
  if (place.name === undefined) throw new NotSimulated('deleting collections');
  check(sender, place, 'delete');
  const options = isRecord(body) ? body : {};
  const preconditions = isRecord(options.preconditions) ? options.preconditions : {};
  const { object, gone } = deleteObject(backend, targetOf(place, undefined), {
    ...preconditions,
    ...(options.propagationPolicy === undefined ? {} : { propagation: options.propagationPolicy as 'Background' }),
    ...(typeof options.gracePeriodSeconds === 'number' ? { gracePeriodSeconds: options.gracePeriodSeconds } : {}),
  });
  if (!gone || place.kind.returnsDeleted) return object;
  const { name, uid } = object.metadata;
  const details = { name, group: place.kind.group, kind: place.kind.plural, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

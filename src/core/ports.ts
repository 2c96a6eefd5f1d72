import type { KubeObject, ObjectKey, ObjectRef } from '../kube/object.ts';
import type { Fact } from './fact.ts';
import type { EventDraft, MergePatch, Propagation } from './plan.ts';

/** A kind that is watched or written. */
export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Read side: the synced caches. Never does I/O, so what it returns may be behind the API server but is never half. */
export interface Reader {
  get(ref: ObjectRef): KubeObject | undefined;
  /** Objects of a kind in one namespace whose labels contain all of `labels`. Backed by an index on the `app` label. */
  list(kind: KindRef, namespace: string, labels: Readonly<Record<string, string>>): readonly KubeObject[];
}

/** Write side. Every method throws FailureError, and nothing else, when the API server does not do as asked. */
export interface Writer {
  /** Server-side apply, forced, field manager `weir`. Returns the object as stored. */
  apply(object: KubeObject): Promise<KubeObject>;
  /** Creates an object; `waiting` with reason AlreadyExists when one of that name is there. Returns the object as stored. */
  create(object: KubeObject): Promise<KubeObject>;
  /** Deletes with the uid as precondition. Absent, or there with another uid, counts as done. */
  delete(ref: ObjectRef, uid: string, propagation: Propagation, resourceVersion?: string): Promise<void>;
  /** Merges a patch into a live object, its uid and resourceVersion as preconditions. Returns the object as stored. */
  patch(object: KubeObject, patch: MergePatch): Promise<KubeObject>;
  /** Adds or removes one finalizer of a live object, leaving others alone. Returns the object as stored. */
  finalizer(object: KubeObject, op: 'add' | 'remove', finalizer: string): Promise<KubeObject>;
  /**
   * Writes the status subresource in one patch if it differs from the object's, with its resourceVersion as precondition.
   * Returns the object as stored (the same object when nothing was written); a newer version in between is a `conflict`.
   */
  status(object: KubeObject, status: unknown): Promise<KubeObject>;
}

/** Records events. Never throws: an event that cannot be written is counted and logged, the pass goes on. */
export interface EventRecorder {
  record(about: KubeObject, event: EventDraft): void;
}

/** The latest answers of an endpoint that must be polled (JobManager REST), one subject per key. */
export interface Probe<T> {
  /** The newest fact; `unknown` before the first answer. */
  latest(key: ObjectKey): Fact<T>;
  /** Sets how often the subject is asked; undefined stops and forgets. A shorter interval takes effect at once. */
  every(key: ObjectKey, intervalMs: number | undefined): void;
}

/** One HTTP request to a Service inside the cluster. */
export interface ServiceRequest {
  readonly namespace: string;
  readonly service: string;
  /** Port number or name of the Service's port. */
  readonly port: number | string;
  /** Over TLS. */
  readonly tls?: boolean;
  readonly method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
  /** Path with query, starting with a slash. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as multipart/form-data in place of a body. */
  readonly file?: UploadedFile;
}

/** A file that is passed on as it comes in, so that it is never held whole. */
export interface UploadedFile {
  readonly name: string;
  readonly contentType: string;
  /** Read once. What it throws ends the request, which then fails with it. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** JSON over HTTP to a Service: by its DNS name inside a cluster, through the API server's service proxy outside. */
export interface ServiceHttp {
  /**
   * Resolves to status and parsed body for every HTTP answer, errors included. Throws FailureError (transient) when
   * nothing answered in time, the body is not JSON or larger than 8 MiB. Redirects are not followed.
   */
  request(request: ServiceRequest, signal: AbortSignal): Promise<{ readonly status: number; readonly body: unknown }>;
}

/** Where a user's artifact is and what may be done to get it. */
export interface ArtifactRequest {
  /** An http or https URL, or `s3://bucket/key` with the key as it is written; s3a and s3p mean the same. */
  readonly url: string;
  /** Sent to the origin of an http or https `url` only, not to where it redirects. */
  readonly headers: ReadonlyMap<string, string>;
  /** Lower-case schemes that may be asked, redirects included. */
  readonly allowedSchemes: readonly string[];
  /** Whether an http or https URL may lead to addresses outside the public internet; S3 is asked wherever the operator's settings say. */
  readonly restrictedHosts: 'allowed' | 'refused';
  /** Buckets and folders that objects of S3 must be in, in the form of parseS3Prefix; absent for any. */
  readonly s3Prefixes?: readonly string[] | undefined;
}

/** Where S3 is and with which keys it is asked, as the operator's configuration says; what is absent the environment says. */
export interface S3Settings {
  /** With the option that says it; without a scheme it is https. */
  readonly endpoint?: { readonly option: string; readonly text: string };
  readonly region?: string;
  /** Whether the bucket stands in the path of a URL rather than before the host. */
  readonly pathStyle: boolean;
  readonly keys?: S3Keys;
}

/** A key of an account or, with a session token, of a role that was assumed. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Gets what users name by URL, without letting them reach what only the operator can. */
export interface ArtifactSource {
  /**
   * Opens an artifact for reading. Throws FailureError: `stalled` with reason ArtifactRefused where a rule forbids asking
   * (scheme, bucket, address, redirect, no credentials) and ArtifactNotAvailable where the answer is final (no such host, 4xx, too large), else
   * `transient`; the content throws the same.
   */
  open(request: ArtifactRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

/** What is shown in place of what must not be. */
export const HIDDEN = '***';

/**
 * Words in the name of a setting whose value nobody should read by the way: those Flink hides in its web UI
 * (GlobalConfiguration, 2.0) and Spark in its own (spark.redaction.regex, 4.0), and keys of storage and mail services.
 */
const SECRET =
  /passw(or)?d|secret|token|credential|auth-params|basic-auth|jaas\.config|http-headers|(api|access|account|private|service|signing|encryption)[-_.]?key|\.sas\b|connection-?string/i;

/** Names that say where a secret is, of what kind, or how it is handled, and are none. */
const REFERENCE = /(ref|name|type|file|path|dir|class|provider|enabled|interval|itemkey|lifetime)$|secretkeyref\./i;

/** Whether the value of a setting is a secret, going by its name. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name) && !REFERENCE.test(name);
}

/** JSON text of a value that stands under `name`, without the secrets in it; undefined for what JSON cannot say. */
export function jsonWithoutSecrets(value: unknown, name = ''): string | undefined {
  return JSON.stringify(isSecretName(name) ? HIDDEN : value, hidden);
}

/**
 * A value of a setting as it is shown: hidden where its name says so, else without what it names as secret itself and without
 * credentials of URLs.
 */
export function textWithoutSecrets(name: string, value: string): string {
  return isSecretName(name) ? HIDDEN : withoutCredentials(withoutNamedSecrets(value));
}

/** In an item of a list of variables the name of the secret stands beside it. */
function hidden(this: unknown, key: string, value: unknown): unknown {
  if (typeof value !== 'string') return isSecretName(key) && typeof value === 'number' ? HIDDEN : value;
  const beside = key === 'value' ? (this as { readonly name?: unknown }).name : undefined;
  if (isSecretName(key) || (typeof beside === 'string' && isSecretName(beside))) return HIDDEN;
  return withoutCredentials(withoutNamedSecrets(value));
}

/** `name=value` and `'name' = 'value'`, as in options of Java and in SQL. Every word is begun with once only. */
const ASSIGNED = /(?<![\w.-])(-*[A-Za-z][\w.-]*)(['"`]?\s*=\s*)('[^']*'|"[^"]*"|[^\s;,'"]+)/g;

/** `--name value`, also as two items of a list. */
const FLAGGED = /(?<![\w.-])(--?[A-Za-z][\w.-]*)(["']?[;,\s]+)(?!-)('[^']*'|"[^"]*"|[^\s;,'"]+)/g;

/** Arguments and options in a text: what stands with a name that says secret is hidden. */
function withoutNamedSecrets(text: string): string {
  if (!SECRET.test(text)) return text;
  const shown = (whole: string, name: string, between: string): string =>
    isSecretName(name) ? `${name}${between}${HIDDEN}` : whole;
  return text.replace(ASSIGNED, shown).replace(FLAGGED, shown);
}

/** A URL keeps scheme, host and path: before the host there may be a password, in the query a signature. */
function withoutCredentials(text: string): string {
  const start = text.indexOf('://');
  if (start < 0) return text;
  const [address = '', ...query] = text.slice(start + 3).split('?');
  const host = address.split('/', 1)[0] ?? '';
  const shown = host.includes('@') ? `${HIDDEN}${address.slice(host.lastIndexOf('@'))}` : address;
  return `${text.slice(0, start + 3)}${shown}${query.length === 0 ? '' : `?${HIDDEN}`}`;
}

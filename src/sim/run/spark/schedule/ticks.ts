/** The time a run is due at, as HH:MM in UTC, or `now` for one that was asked for: by its name, in the default precision. */
export function tickOf(run: string): string {
  const dueMs = dueMsOf(run);
  return dueMs === undefined ? 'now' : new Date(dueMs).toISOString().slice(11, 16);
}

/** When a run is due, in milliseconds since the epoch; undefined for one that was asked for. */
export function dueMsOf(run: string): number | undefined {
  const nanos = /-(\d{19})$/.exec(run)?.[1];
  return nanos === undefined ? undefined : Number(nanos.slice(0, 13));
}

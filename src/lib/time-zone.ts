/** Whether this machine knows a time zone: a name of the IANA database, or an offset such as +01:00. */
export function isTimeZone(text: string): boolean {
  if (text === 'UTC') return true; // the default of many options, without loading the platform's data at start
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).format(0) !== '';
  } catch {
    return false; // a RangeError: the only way the platform says so
  }
}

/**
 * The time zone that a name stands for in Go: `Local` is `local`, none is UTC, any other name is itself. Undefined where this
 * machine does not know it.
 */
export function goTimeZone(name: string, local: string): string | undefined {
  const zone = name === 'Local' ? local : name || 'UTC';
  return isTimeZone(zone) ? zone : undefined;
}

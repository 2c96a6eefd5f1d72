/** Major and minor number of a Spark version. */
export interface SparkVersion {
  readonly major: number;
  readonly minor: number;
}

/** `3.5.9`, `4.0.0-preview1`, `3.5_custom`, `4` (its first minor version) → major and minor; undefined for anything else. */
export function parseSparkVersion(text: string): SparkVersion | undefined {
  const match = /^v?(\d{1,3})(?:\.(\d{1,3})(?:[-._+][\w.+-]*)?|[-_+][\w.+-]*)?$/.exec(text.trim());
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2] ?? 0) };
}

/** Whether a version is at least `major.minor`; text that is no version counts as the oldest there is. */
export function sparkAtLeast(version: string | undefined, major: number, minor: number): boolean {
  const parsed = parseSparkVersion(version ?? '');
  if (parsed === undefined) return false;
  return parsed.major > major || (parsed.major === major && parsed.minor >= minor);
}

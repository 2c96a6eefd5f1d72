/** Marks a case the types say cannot happen; throws, naming the value, if it does. */
export function assertNever(value: never): never {
  throw new Error(`unreachable case: ${JSON.stringify(value)}`);
}

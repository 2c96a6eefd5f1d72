/** Time as an argument: the only way code outside runtime learns what time it is. */
export interface Clock {
  /** Now, in milliseconds since the epoch. */
  now(): number;
}

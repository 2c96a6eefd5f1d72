/** What a reason means, and what its reader can do about it where there is something to do. Markdown sentences. */
export interface ReasonMeaning {
  readonly means: string;
  readonly remedy?: string;
}

/** A table of reasons; the reference page of conditions is made from it. */
export type ReasonTable<Reason extends string> = Readonly<Record<Reason, ReasonMeaning>>;

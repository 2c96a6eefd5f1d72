/** The same JSON shape, read-only at every level; a Date, which JSON carries as text, becomes a string. */
export type DeepReadonly<T> = T extends Date
  ? string
  : T extends (...args: never[]) => unknown
    ? T
    : T extends readonly (infer Item)[]
      ? readonly DeepReadonly<Item>[]
      : T extends object
        ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
        : T;

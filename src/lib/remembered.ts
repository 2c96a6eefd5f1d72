/**
 * A pure function of an object that is worked out once for each object and forgotten with it. Objects given to it must
 * never be changed in place.
 */
export function remembered<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found.value;
    const value = make(key);
    known.set(key, { value });
    return value;
  };
}

/** A pure function of nothing that is worked out when it is called first. It may not throw. */
export function once<V>(make: () => V): () => V {
  let known: { readonly value: V } | undefined;
  return () => {
    known ??= { value: make() };
    return known.value;
  };
}

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

/**
 * A pure function of which the last result is remembered with an object, and forgotten with it: it is worked out anew where
 * one of the parts it goes by beside that object is another than the last time, told by identity. The object must never be
 * changed in place.
 */
export function rememberedWith<I, V>(
  objectOf: (input: I) => object,
  partsOf: (input: I) => readonly unknown[],
  make: (input: I) => V,
): (input: I) => V {
  const known = new WeakMap<object, { readonly parts: readonly unknown[]; readonly value: V }>();
  return (input) => {
    const [object, parts] = [objectOf(input), partsOf(input)];
    const found = known.get(object);
    if (found?.parts.every((part, index) => part === parts[index])) return found.value;
    const value = make(input);
    known.set(object, { parts, value });
    return value;
  };
}

/** Most texts whose results are kept, and the length up to which they are: texts may be anybody's. */
const KEPT = { texts: 1000, length: 32 };

/**
 * A pure function of short texts of which there are few, such as amounts, that is worked out once for each: results of at most a
 * thousand texts are kept.
 */
export function rememberedText<V>(make: (text: string) => V): (text: string) => V {
  const known = new Map<string, { readonly value: V }>();
  return (text) => {
    if (text.length > KEPT.length) return make(text);
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const value = make(text);
    if (known.size >= KEPT.texts) known.clear();
    known.set(text, { value });
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

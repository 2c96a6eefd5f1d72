/** A stream of bytes that is written on one side and read on the other. */
export interface SimStream extends AsyncIterable<Buffer> {
  push(chunk: Buffer): void;
  /** What was pushed before can still be read. */
  end(): void;
  /** Called by the reader. */
  destroy(): void;
}

/** An open stream. `onClosed` is called once, when it has ended or was destroyed. */
export function createStream(onClosed: () => void): SimStream {
  const chunks: Buffer[] = [];
  let closed = false;
  let waiter: ((result: IteratorResult<Buffer>) => void) | undefined;
  const close = (): void => {
    if (closed) return;
    closed = true;
    waiter?.({ value: undefined, done: true });
    waiter = undefined;
    onClosed();
  };
  const destroy = (): void => {
    chunks.length = 0;
    close();
  };
  const next = (): Promise<IteratorResult<Buffer>> => {
    const chunk = chunks.shift();
    if (chunk !== undefined) return Promise.resolve({ value: chunk, done: false });
    if (closed) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      waiter = resolve;
    });
  };
  return {
    push(chunk) {
      if (closed) return;
      if (waiter === undefined) chunks.push(chunk);
      else {
        const resolve = waiter;
        waiter = undefined;
        resolve({ value: chunk, done: false });
      }
    },
    end: close,
    destroy,
    [Symbol.asyncIterator]: () => ({
      next,
      return() {
        destroy();
        return Promise.resolve({ value: undefined, done: true });
      },
    }),
  };
}

/** Splits a stream of bytes into lines. */
export interface LineReader {
  /** The lines that `chunk` completes, without line ends. Throws an Error for bytes that are no UTF-8 or an endless line. */
  push(chunk: Uint8Array): string[];
}

const NEWLINE = 0x0a;

/** A reader that refuses lines longer than `maxBytes` (64 MiB unless given). */
export function createLineReader(maxBytes = 64 * 1024 * 1024): LineReader {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        kept.push(chunk.subarray(start, end));
        const line = decoder.decode(kept.length === 1 ? kept[0] : Buffer.concat(kept));
        if (line.trim() !== '') lines.push(line);
        kept = [];
        keptBytes = 0;
        start = end + 1;
      }
      if (start < chunk.length) {
        // A copy, so that a few kept bytes do not hold the whole network buffer.
        kept.push(chunk.slice(start));
        keptBytes += chunk.length - start;
      }
      if (keptBytes > maxBytes) throw new Error(`a line of a watch is longer than ${maxBytes} bytes`);
      return lines;
    },
  };
}

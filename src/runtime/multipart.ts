import { Readable } from 'node:stream';
import type { UploadedFile } from '../core/ports.ts';

/** A request body and the Content-Type it is sent with. */
export interface StreamedBody {
  readonly contentType: string;
  readonly content: Readable;
}

/** One file as multipart/form-data (RFC 7578), passed on as it is read. */
export function multipart({ name, contentType, content }: UploadedFile): StreamedBody {
  const boundary = `weir-${crypto.randomUUID()}`;
  const quoted = name.replace(/["\r\n]/g, encodeURIComponent);
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="jarfile"; filename="${quoted}"\r\n` +
    `Content-Type: ${contentType}\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    content: Readable.from(framed(head, content, `\r\n--${boundary}--\r\n`), { objectMode: false }),
  };
}

async function* framed(head: string, content: AsyncIterable<Uint8Array>, tail: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(head);
  yield* content;
  yield encoder.encode(tail);
}

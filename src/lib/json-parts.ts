const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/**
 * Whether a JSON text has more lists, objects and commas than that, those in strings not counted: what parsing it costs follows from
 * them, not from its length. Eight megabytes of `[` take a thousand times what a string of that length does. One pass over the text.
 */
export function hasMorePartsThan(text: string, limit: number): boolean {
  let parts = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if ((code === COMMA || code === BRACKET || code === BRACE) && ++parts > limit) return true;
  }
  return false;
}

/** Where the string that begins here ends: at its quote, or with the text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return text.length;
}

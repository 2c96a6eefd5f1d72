/**
 * A text without the slashes at its end. In time linear in its length: the regular expression for it takes the square of
 * that where a user writes many slashes and something behind them.
 */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}

/**
 * A text without the slashes at its end. In time linear in its length: the regular expression for it takes the square of
 * that where a user writes many slashes and something behind them.
 */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}

/**
 * What others say, as it may be shown: cut, and without characters that nobody sees but a terminal or a reader of lines.
 * Line ends and tabulators stay.
 */
export function plainText(text: string, length: number): string {
  return text.slice(0, length).replaceAll(/[^\P{C}\n\t]/gu, '?');
}

import { Help } from 'commander';

/** Columns that a list of options may leave to their names; with longer ones the meaning stands below the name. */
const WIDEST_NAMES = 36;
const INDENT = ' '.repeat(6);

/**
 * One line of a list in a help text, for commander: name and meaning side by side, or one below the other where names are
 * so long that too little of a terminal of 80 columns would be left.
 */
export function formatItem(term: string, termWidth: number, description: string, helper: Help): string {
  if (termWidth <= WIDEST_NAMES) return Help.prototype.formatItem.call(helper, term, termWidth, description, helper);
  const wrapped = helper.boxWrap(description, (helper.helpWidth ?? 80) - INDENT.length);
  return `  ${term}\n${wrapped.replace(/^/gm, INDENT)}`;
}

import { Help } from 'commander';
import { describe, expect, it } from 'vitest';
import { formatItem } from './help.ts';

const meaning = 'look only at resources with these labels, as kubectl -l takes them, and leave the others alone';

/** The lines of one item, in a terminal of 80 columns. */
function lines(term: string, termWidth: number): string[] {
  const helper = new Help();
  helper.helpWidth = 80;
  return formatItem(term, termWidth, meaning, helper).split('\n');
}

describe('lists in help texts', () => {
  it('have the meaning beside short names', () => {
    expect(lines('--all', 20)).toEqual([
      '  --all                 look only at resources with these labels, as kubectl -l',
      '                        takes them, and leave the others alone',
    ]);
  });

  it('have it below where the longest name leaves too little room', () => {
    expect(lines('--all', 60)).toEqual([
      '  --all',
      '      look only at resources with these labels, as kubectl -l takes them, and',
      '      leave the others alone',
    ]);
  });
});

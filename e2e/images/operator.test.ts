import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IMAGE_NODE_FLAGS } from './operator.ts';

describe("the operator's image", () => {
  it('starts Node as the one of the Dockerfile does', () => {
    const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
    const [, entrypoint = ''] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
    expect(JSON.parse(entrypoint)).toEqual(['/nodejs/bin/node', ...IMAGE_NODE_FLAGS, '/app/weir.mjs']);
  });
});

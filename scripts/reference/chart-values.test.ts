import { describe, expect, it } from 'vitest';
import { chartValues, withChartValues } from './chart-values.ts';

const text = `# About the file.

# -- How many
# there are.
replicas: 2

image:
  # -- Its name.
  repository: weir
# A group.
strategy:
  # -- What is | done.
  "type": RollingUpdate
# -- Of the pod.
security:
  seccomp:
    type: RuntimeDefault
`;

describe('values of the chart', () => {
  it('are read with their comments and defaults', () => {
    expect(chartValues(text)).toEqual([
      { path: ['replicas'], description: 'How many there are.', default: 2 },
      { path: ['image', 'repository'], description: 'Its name.', default: 'weir' },
      { path: ['strategy', 'type'], description: 'What is | done.', default: 'RollingUpdate' },
      { path: ['security'], description: 'Of the pod.', default: { seccomp: { type: 'RuntimeDefault' } } },
    ]);
  });

  it('must have a description', () => {
    expect(() => chartValues('a:\n  b: 1\n')).toThrow('a.b has no description');
  });

  it('go between the markers of the README', () => {
    const readme = withChartValues('before <!-- values:start --> old <!-- values:end --> after', text);
    expect(readme).toMatch(/^before <!-- values:start -->\n\| value .*<!-- values:end --> after$/s);
    expect(readme).toContain('| `strategy.type` | `"RollingUpdate"` | What is \\| done. |');
    expect(() => withChartValues('no markers', text)).toThrow('values:start');
  });
});

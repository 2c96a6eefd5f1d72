import { describe, expect, it } from 'vitest';
import { parseManifests } from './manifests.ts';

const HEAD = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

function wheres(text: string): string[] {
  const { objects, bad } = parseManifests('f.yaml', text);
  return [
    ...objects.map(({ where, object }) => `${where}: ${object.kind} ${object.metadata.name}`),
    ...bad.map(({ where, field, value, rule }) => `${where}: ${field} ${value} must ${rule}`),
  ];
}

describe('parseManifests', () => {
  it('reads one document, several, JSON and lists', () => {
    expect(wheres(HEAD)).toEqual(['f.yaml: ConfigMap a']);
    expect(wheres(`${HEAD}---\n${HEAD}`)).toEqual(['f.yaml document 1: ConfigMap a', 'f.yaml document 2: ConfigMap a']);
    const json = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"j"}}';
    expect(wheres(json)).toEqual(['f.yaml: ConfigMap j']);
    expect(wheres(`{"apiVersion":"v1","kind":"List","items":[${json}]}`)).toEqual(['f.yaml item 1: ConfigMap j']);
    expect(wheres('\n---\n# nothing\n')).toEqual([]);
    expect(wheres(HEAD.replace('name: a', 'generateName: a-'))).toEqual(['f.yaml: ConfigMap a-xxxxx']);
  });

  it('names what makes a document unusable', () => {
    expect(wheres('a: [1,\n')).toEqual([
      'f.yaml line 2: document undefined must be YAML or JSON (deficient indentation)',
    ]);
    expect(wheres('7')).toEqual(['f.yaml: document 7 must be a mapping']);
    expect(wheres('kind: A\n')).toEqual(['f.yaml: apiVersion undefined must be given as text']);
    expect(wheres('apiVersion: 1\nkind: A\n')).toEqual(['f.yaml: apiVersion 1 must be given as text']);
    expect(wheres('apiVersion: v1\nkind: A\nmetadata: {}\n')).toEqual([
      'f.yaml: metadata.name undefined must be given as text',
    ]);
  });

  it('reads whole numbers as kubectl does, such as the modes of files', () => {
    const numbers = 'a: 0644, b: "0644", c: 0o17, d: 1_000, e: -07, f: 089, g: 1:30, h: 0, i: 1.5, j: 0.5, k: -_';
    const { objects } = parseManifests('f', `${HEAD}modes: {${numbers}}\n`);
    expect(objects[0]?.object.modes).toEqual({
      ...{ a: 420, b: '0644', c: 15, d: 1000, e: -7, f: 89 },
      ...{ g: '1:30', h: 0, i: 1.5, j: 0.5, k: '-_' },
    });
  });

  it('takes the last of a key that is given twice, as kubectl does, and says where', () => {
    const { objects, bad } = parseManifests('f.yaml', `${HEAD}data: {a: b}\ndata: {c: d, c: e}\n---\n${HEAD}`);
    expect(bad).toEqual([]);
    expect(objects.map(({ object }) => object.data)).toEqual([{ c: 'e' }, undefined]);
    const said = 'f.yaml line 5: a key is given twice; kubectl takes the last of them, kustomize refuses the file';
    expect(objects.map(({ warning }) => warning)).toEqual([said, said]);
    expect(parseManifests('f.yaml', `${HEAD}a: 1\na: [1,\n`).bad).toHaveLength(1);
    expect(parseManifests('f.yaml', HEAD).objects[0]?.warning).toBeUndefined();
  });

  it('reads booleans and merge keys as kubectl does', () => {
    const { objects } = parseManifests(
      'f',
      `${HEAD}base: &b {x: yes}\nmore: {<<: *b, off: a, b: off, c: "no", d: 0x10}\n`,
    );
    expect(objects[0]?.object.more).toEqual({ x: true, false: 'a', b: false, c: 'no', d: 16 });
  });
});

import { describe, expect, it } from 'vitest';
import { flattenConfiguration, isHighAvailability, isOn, overlaid } from './configuration.ts';

describe('flattenConfiguration', () => {
  it('joins nested keys with dots and lists with semicolons, and writes scalars as text', () => {
    const configuration = {
      'rest.port': 8081,
      taskmanager: { numberOfTaskSlots: 2, memory: { 'process.size': '2g' } },
      'pipeline.jars': ['a.jar', 'b.jar'],
      'env.java.opts': '',
      web: { submit: { enable: false } },
    };
    expect([...flattenConfiguration(configuration)]).toEqual([
      ['rest.port', '8081'],
      ['taskmanager.numberOfTaskSlots', '2'],
      ['taskmanager.memory.process.size', '2g'],
      ['pipeline.jars', 'a.jar;b.jar'],
      ['env.java.opts', ''],
      ['web.submit.enable', 'false'],
    ]);
  });

  it('takes nothing from nulls, empty lists and an absent configuration', () => {
    expect([...flattenConfiguration({ a: null, b: [], c: {} })]).toEqual([]);
    expect([...flattenConfiguration(undefined)]).toEqual([]);
  });

  it('lets the later of two spellings win', () => {
    expect(flattenConfiguration({ a: { b: 1 }, 'a.b': 2 }).get('a.b')).toBe('2');
  });
});

describe('overlaid', () => {
  it('puts the spec over the defaults, whichever form those have', () => {
    const expected = new Map([
      ['a', '2'],
      ['b', '1'],
    ]);
    expect(overlaid({ a: '1', b: '1' }, { a: 2 })).toEqual(expected);
    expect(overlaid(new Map([['a', '1']]), { a: 2, b: 1 })).toEqual(expected);
  });
});

describe('isHighAvailability', () => {
  it.each([
    [{}, false],
    [{ 'high-availability': 'NONE' }, false],
    [{ 'high-availability.type': 'none' }, false],
    [{ 'high-availability.type': 'kubernetes' }, true],
    [{ 'high-availability': 'org.apache.flink.kubernetes.highavailability.KubernetesHaServicesFactory' }, true],
    [{ high: { availability: 'x' } }, false],
  ])('of %j is %s', (configuration, expected) => {
    expect(isHighAvailability(flattenConfiguration(configuration))).toBe(expected);
  });
});

describe('isOn', () => {
  it('reads any case and falls back where nothing is set', () => {
    const conf = flattenConfiguration({ a: 'TRUE', b: false, c: ' ' });
    expect([isOn(conf, 'a', false), isOn(conf, 'b', true), isOn(conf, 'c', true), isOn(conf, 'd', false)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { baseKey, javaBase } from './base.ts';
import { belongsInImage } from './flink.ts';
import type { ImageRecipe } from './image.ts';
import { image, recipeKey } from './image.ts';
import { imageNames, isImageName } from './images.ts';
import { belongsInSparkImage } from './spark.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-image-'));
  vi.stubEnv('WEIR_CACHE', join(folder, 'cache'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

function recipe(text: string, changes: Partial<ImageRecipe> = {}): ImageRecipe {
  const layers = vi.fn(async () => [{ entries: [{ path: 'text', type: 'file' as const, content: text }] }]);
  return { repository: 'sample', tag: '1', sources: [{ text }], start: { entrypoint: ['/run'] }, layers, ...changes };
}

describe('recipeKey', () => {
  it('stays for the same input and changes with every part of it', async () => {
    const source = join(folder, 'entrypoint.sh');
    await writeFile(source, 'one');
    const withFile = { ...recipe('a'), sources: [{ text: 'a' }, { path: source }] };
    const before = await recipeKey(withFile);
    expect(await recipeKey(withFile)).toBe(before);
    await writeFile(source, 'two');
    const keys = [before, await recipeKey(withFile), await recipeKey(recipe('a')), await recipeKey(recipe('b'))];
    const otherStart = await recipeKey({ ...recipe('a'), start: { entrypoint: ['/other'] } });
    expect(new Set([...keys, otherStart]).size).toBe(5);
  });
});

describe('baseKey', () => {
  it('changes with the packages and with what is removed', async () => {
    const fewer = { ...javaBase, packages: javaBase.packages.slice(1) };
    const keys = await Promise.all([javaBase, fewer, { ...javaBase, removed: [] }].map(baseKey));
    expect(new Set(keys).size).toBe(3);
  });
});

describe('image', () => {
  it('builds once for a key', async () => {
    const sample = recipe('a');
    const first = await image(sample);
    expect(await image(sample)).toEqual(first);
    expect(sample.layers).toHaveBeenCalledTimes(1);
    expect(first.name).toBe('localhost/sample:1');
    expect((await readFile(first.archive)).includes(first.name)).toBe(true);
  });

  it('can put the key into the name', async () => {
    const built = await image(recipe('a', { tag: (key) => `v-${key}` }));
    expect(built.name).toBe(`localhost/sample:v-${built.key}`);
  });

  it('leaves nothing behind when the build fails', async () => {
    const broken = recipe('a', { layers: () => Promise.reject(new Error('no compiler')) });
    await expect(image(broken)).rejects.toThrow('no compiler');
    expect(await readdir(join(folder, 'cache/images/sample-1'))).toEqual([]);
  });

  it('keeps the three generations used last', async () => {
    const built = [];
    for (const [age, text] of ['a', 'b', 'c'].entries()) {
      const made = await image(recipe(text));
      await utimes(join(made.archive, '..'), age, age);
      built.push(made);
    }
    await image(recipe('a')); // used again: now the youngest
    await image(recipe('d'));
    const kept = await Promise.all(
      built.map(({ archive }) =>
        stat(archive).then(
          () => true,
          () => false,
        ),
      ),
    );
    expect(kept).toEqual([true, false, true]);
  });
});

describe('belongsInImage', () => {
  it.each([
    ['lib/flink-dist-2.3.0.jar', true],
    ['lib/flink-table-planner-loader-2.3.0.jar', false],
    ['plugins/metrics-prometheus/flink-metrics-prometheus-2.3.0.jar', true],
    ['bin/kubernetes-jobmanager.sh', true],
    ['bin/bash-java-utils.sh', true],
    ['bin/pyflink-udf-runner.bat', false],
    ['bin/sql-client.sh', false],
    ['conf/log4j-console.properties', true],
    ['conf/logback.xml', false],
  ])('%s: %s', (path, belongs) => {
    expect(belongsInImage(path)).toBe(belongs);
  });
});

describe('belongsInSparkImage', () => {
  it.each([
    ['jars/spark-core_2.13-4.3.0.jar', true],
    ['jars/spark-kubernetes_2.13-4.3.0.jar', true],
    ['jars/spark-connect_2.13-4.3.0.jar', true],
    ['jars/scala-reflect-2.13.18.jar', true],
    ['jars/spark-hive-thriftserver_2.12-3.5.9.jar', false],
    ['jars/mesos-1.4.3-shaded-protobuf.jar', false],
    ['jars/connect-repl/os-lib_2.13-0.11.5.jar', false],
    ['jars/connect-repl/spark-connect-client-jvm_2.13-4.3.0.jar', true],
    ['jars/netty-transport-native-epoll-4.2.13.Final-linux-aarch_64.jar', true],
    ['jars/netty-transport-native-kqueue-4.2.13.Final-osx-x86_64.jar', false],
    ['bin/spark-submit', true],
    ['bin/spark-submit.cmd', false],
  ])('%s: %s', (path, belongs) => {
    expect(belongsInSparkImage(path)).toBe(belongs);
  });
});

describe('isImageName', () => {
  it('knows its own names only', () => {
    expect(imageNames.every(isImageName)).toBe(true);
    expect(isImageName('toString')).toBe(false);
  });
});

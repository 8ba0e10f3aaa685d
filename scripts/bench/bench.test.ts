import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { POLICIES as DEFINED } from '../../src/core/policies/registry.ts';
import type { BenchRun } from '../../src/core/bench/score.ts';
import { createWarmth } from '../../src/core/bench/warmth.ts';
import { POLICIES, UsageError } from '../lib/args.mjs';
import { browserChoice } from '../lib/browser-args.mjs';
import { parseBench } from './args.mjs';
import { parseMerge, readReport } from './merge.mjs';
import { openJournal, settingsKey } from './journal.mjs';
import { progressLine } from './progress.mjs';

describe('arguments of bench', () => {
  it('may all be left out', () => {
    expect(parseBench([])).toEqual({
      dataset: 'public/bench/scenes',
      contenders: ['coarse-to-fine', 'full-resolution', 'coarse-only'].map((name) => ({
        name,
        policy: name,
        engine: 'ergo',
      })),
      request: { device: 'wasm', budgets: {} },
      limit: undefined,
      seed: undefined,
      shard: null,
      browser: browserChoice({}, 'wasm'),
      out: 'bench-out/scenes-wasm',
    });
  });

  it('may say everything', () => {
    const argv =
      '--dataset a/vstar/ --policies coarse-only,on-demand --model m --dtype q4 --device webgpu --coarse 64 --limit 5 --seed 0 --shard 2/4 --gpu';
    expect(parseBench(argv.split(' '))).toEqual({
      dataset: 'a/vstar/',
      contenders: [
        { name: 'coarse-only', policy: 'coarse-only', engine: 'ergo' },
        { name: 'on-demand', policy: 'on-demand', engine: 'ergo' },
      ],
      request: { device: 'webgpu', model: 'm', dtype: 'q4', budgets: { coarse: 64 } },
      limit: 5,
      seed: 0,
      shard: { index: 2, count: 4 },
      browser: browserChoice({ gpu: true }, 'webgpu'),
      out: 'bench-out/vstar-webgpu-2-of-4',
    });
    expect(parseBench(['--out', 'x']).out).toBe('x');
  });

  it('put one look at each cap in the place of full resolution', () => {
    const { contenders } = parseBench(['--caps', '640,100']);
    expect(contenders.map(({ name, cap }) => [name, cap])).toEqual([
      ['coarse-to-fine', undefined],
      ['full-resolution@100', 100],
      ['full-resolution@640', 640],
      ['coarse-only', undefined],
    ]);
  });

  it('put the engines of a policy beside each other', () => {
    const argv = ['--policies', 'coarse-to-fine,coarse-only', '--engine', 'ergo,transformers.js'];
    expect(parseBench(argv).contenders.map(({ name }) => name)).toEqual([
      'coarse-to-fine',
      'coarse-to-fine@transformers.js',
      'coarse-only',
      'coarse-only@transformers.js',
    ]);
  });

  it.each([
    [['extra']],
    [['--policies', 'best']],
    [['--policies', 'coarse-only,coarse-only']],
    [['--policies', '']],
    [['--device', 'cuda']],
    [['--limit', '0']],
    [['--limit', 'all']],
    [['--seed', '-1']],
    [['--engine', 'onnx']],
    [['--caps', '100,many']],
    [['--caps', '2']],
    [['--caps', '640,640']],
    [['--caps', '640', '--policies', 'coarse-only']],
    [['--engine', 'ergo,ergo']],
    [['--engine', 'transformers.js', '--policies', 'on-demand']],
    [['--shard', '0/4']],
    [['--shard', '5/4']],
    [['--shard', '1/4/2']],
    [['--shard', 'one']],
    [['--crop', '5']],
    [['--what']],
  ])('are refused: %j', (argv) => {
    expect(() => parseBench(argv)).toThrow(UsageError);
  });

  it('take policies in one order, which names the pairs', () => {
    const { contenders } = parseBench(['--policies', 'full-resolution,coarse-to-fine']);
    expect(contenders.map(({ name }) => name)).toEqual(['coarse-to-fine', 'full-resolution']);
  });

  it('know the policies that there are', () => {
    expect(POLICIES).toEqual(Object.keys(DEFINED));
  });
});

const run = (error: BenchRun['error']): BenchRun => ({ error }) as BenchRun;

describe('the journal', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'bench-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps finished items, also after half a line and beside other settings', () => {
    const file = path.join(folder, 'items.jsonl');
    openJournal(folder, 'a').add({ id: '1', device: null, runs: [run(null)] });
    openJournal(folder, 'b').add({ id: '2', device: null, runs: [run(null)] });
    appendFileSync(file, '{"key":"a","id":"3","ru');
    const again = openJournal(folder, 'a');
    expect([...again.finished.keys()]).toEqual(['1']);
    again.add({ id: '3', device: null, runs: [run(null)] });
    expect([...openJournal(folder, 'a').finished.keys()]).toEqual(['1', '3']);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(4);
  });

  it('tries again what failed altogether', () => {
    const error = { code: 'out-of-memory', message: 'The page is gone.' } as const;
    const journal = openJournal(folder, 'a');
    journal.add({ id: '1', device: null, runs: [run(error), run(error)] });
    journal.add({ id: '2', device: null, runs: [run(null), run(error)] });
    expect([...journal.finished.keys()]).toEqual(['1', '2']);
    expect([...openJournal(folder, 'a').finished.keys()]).toEqual(['2']);
  });

  it('tells settings apart', () => {
    expect(settingsKey({ a: 1 })).toBe(settingsKey({ a: 1 }));
    expect(settingsKey({ a: 1 })).not.toBe(settingsKey({ a: 2 }));
  });
});

describe('arguments of bench:merge', () => {
  it('are folders and where the merged report goes', () => {
    expect(parseMerge(['a', 'b', '--out', 'c'])).toEqual({ folders: ['a', 'b'], out: 'c' });
    expect(() => parseMerge(['--out', 'c'])).toThrow(UsageError);
    expect(() => parseMerge(['a', 'b'])).toThrow(UsageError);
  });

  it('name folders that hold a report', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'merge-'));
    try {
      expect(() => readReport(folder)).toThrow('holds no report.json');
      const file = path.join(folder, 'report.json');
      writeFileSync(file, '{}');
      expect(() => readReport(folder)).toThrow('is not the report of a benchmark');
      writeFileSync(file, '{"items":[],"environment":{"dataset":{}}}');
      expect(readReport(folder).items).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const ranOn = (used: 'webgpu' | 'wasm', grids: string[]) =>
  ({
    outcome: { report: { device: { used }, stages: [{ visionTokens: 88 }] } },
    grids,
    peakMemoryBytes: null,
  }) as unknown as Parameters<ReturnType<typeof createWarmth>['isCold']>[1];

describe('warmth', () => {
  it('is cold once per policy and grids, until the page is new', () => {
    const warmth = createWarmth();
    const cold = (name: string, ...grids: string[]) => warmth.isCold(name, ranOn('webgpu', grids));
    expect([cold('a', '11x8', '9x9'), cold('a', '11x8', '9x9')]).toEqual([true, false]);
    expect([cold('a', '11x8', '9x10'), cold('b', '11x8', '9x9')]).toEqual([true, true]);
    expect([cold('c'), cold('c')]).toEqual([true, false]);
    warmth.forget();
    expect(cold('a', '11x8', '9x9')).toBe(true);
  });

  it('is always there on wasm', () => {
    expect(createWarmth().isCold('a', ranOn('wasm', ['11x8']))).toBe(false);
  });
});

describe('progress', () => {
  it('reckons with the items of this run only', () => {
    const state = { all: 40, before: 10, runs: [], policies: ['coarse-only'] };
    expect(progressLine({ ...state, done: 20, elapsed: 60_000 })).toBe(
      '20/40  2 min left  coarse-only 0/0',
    );
    expect(progressLine({ ...state, done: 10, elapsed: 0 })).toBe('10/40  coarse-only 0/0');
  });
});

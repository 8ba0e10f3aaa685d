import { describe, expect, it } from 'vitest';
import type { RunReport } from '../run/report.ts';
import { accuracyChart } from './chart.ts';
import type { BenchItem } from './item.ts';
import { reportMarkdown } from './markdown.ts';
import { mergeReports } from './merge.ts';
import { chosenItems, policyOrder, shardOf, unshard } from './order.ts';
import { pairsOf } from './pairs.ts';
import { benchReport, comparability, timingsWarning, type Environment } from './report.ts';
import { areaShare, contains, scoreRun, type BenchRun } from './score.ts';
import { mean, quantile, wilson } from './statistics.ts';
import { summarise } from './summary.ts';

const ITEM: BenchItem = {
  id: '1',
  image: 'a.jpg',
  text: 'What?\n(A) red\n(B) blue',
  options: ['red', 'blue'],
  label: 'B',
  category: 'colour',
  boxes: [[100, 100, 102, 101]],
};

const DEVICE = {
  requested: 'wasm',
  used: 'wasm',
  adapter: null,
  fallback: false,
  fallbackReason: null,
  threads: 2,
} as const;

function report(answer: string, tokens: number, total: number, native = 5000): RunReport {
  return {
    answer,
    policy: 'coarse-to-fine',
    model: 'm',
    dtype: 'q8',
    device: DEVICE,
    image: { width: 300, height: 400, nativeTokens: native },
    regions: [{ x: 90, y: 90, width: 110, height: 110, source: 'model' }],
    visionTokens: { coarse: tokens, crops: 0, total: tokens, fullResolution: 1000 },
    prefill: { new: 120, reused: 60, recomputed: 5 },
    generatedTokens: 10,
    timings: { decodeImage: 1, encode: 1, prefill: 1, ttft: total / 2, decode: 1, total },
    aheadMs: 0,
    notices: [],
    stages: [],
    details: { text: answer, letter: null, thinking: '', confidence: null },
  };
}

const run = (policy: string, answer: string, tokens: number, total: number, id = '1'): BenchRun =>
  scoreRun(
    { ...ITEM, id },
    policy,
    { report: report(answer, tokens, total) },
    () => tokens * 2,
    tokens * 1e6,
  );

const environment: Environment = {
  date: '2026-01-01T00:00:00Z',
  commit: null,
  versions: { node: '20' },
  dataset: { name: 'scenes', items: 3, chosen: 3, of: 9, seed: null, shard: null },
  policies: ['coarse-to-fine', 'full-resolution'],
  model: { id: 'm', parameters: 1, dtype: 'q8', sessions: {} },
  browser: { name: 'chromium', version: '1', agent: '', remote: false },
  device: DEVICE,
  adapter: null,
  timingsWarning: null,
  processor: 'x',
  cores: 2,
  isolated: true,
  warmUp: 'none',
  memory: null,
  comparability: comparability({ coarse: 100, crop: 100, fullResolution: 16384 }, 28),
  settings: 'abc',
};

const failed = (policy: string, id = '1'): BenchRun =>
  scoreRun(
    { ...ITEM, id },
    policy,
    { error: { code: 'out-of-memory', message: 'too much' } },
    null,
  );

describe('statistics, the numbers that Python gives', () => {
  it('gives Wilson intervals', () => {
    expect(wilson(0, 1)).toEqual([0, 0.7935]);
    expect(wilson(7, 10)).toEqual([0.3968, 0.8922]);
    expect(wilson(33, 40)).toEqual([0.6805, 0.9125]);
    expect(wilson(191, 191)).toEqual([0.9803, 1]);
    expect(wilson(0, 0)).toBeNull();
  });

  it('interpolates quantiles as NumPy does', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 20, 30, 40], 0.9)).toBeCloseTo(37);
    expect(quantile([7], 0.9)).toBe(7);
    expect([quantile([], 0.5), mean([])]).toEqual([null, null]);
  });
});

describe('a score', () => {
  const region = { x: 90, y: 90, width: 110, height: 110 };
  const picture = { width: 300, height: 400 };

  it('allows evidence to stick out by 1 % of the sides', () => {
    expect(contains([region], [[100, 100, 102, 101]], picture)).toBe(true);
    expect(contains([region], [[100, 100, 104, 101]], picture)).toBe(false);
    expect(contains([], [[100, 100, 1, 1]], picture)).toBe(false);
    expect(areaShare([region], picture)).toBeCloseTo(0.100833, 6);
  });

  it('takes the letter, its brackets, or the words', () => {
    const answers = ['B', '(B)', 'B. blue', 'Blue.', 'A', 'blue or red', ''];
    const right = answers.map((answer) => run('coarse-to-fine', answer, 100, 1).correct);
    expect(right).toEqual([true, true, true, true, false, false, false]);
    const free = { ...ITEM, options: [], label: 'KR47' };
    const outcome = { report: report(' kr47. ', 100, 1) };
    expect(scoreRun(free, 'coarse-only', outcome, null).correct).toBe(true);
  });

  it('counts a failed run as wrong, and as a miss where a region was due', () => {
    expect(failed('coarse-to-fine')).toMatchObject({ correct: false, recalled: false });
    expect(failed('coarse-to-fine@transformers.js').recalled).toBe(false);
    expect(failed('on-demand').recalled).toBeNull();
    expect(failed('full-resolution').error?.code).toBe('out-of-memory');
  });
});

describe('summary and pairs', () => {
  const runs = [
    run('coarse-to-fine', 'B', 200, 100, '1'),
    run('coarse-to-fine', 'A', 200, 300, '2'),
    failed('coarse-to-fine', '3'),
    run('full-resolution', 'A', 1000, 400, '1'),
    run('full-resolution', 'A', 1000, 600, '2'),
    run('full-resolution', 'B', 1000, 900, '3'),
  ];

  it('keeps failures in accuracy and recall, and out of tokens and times', () => {
    const of = summarise(runs.slice(0, 3));
    expect(of).toMatchObject({ n: 3, failed: 1, accuracy: 0.3333, ci95: wilson(1, 3) });
    expect(of).toMatchObject({ regionRecall: 0.6667, visionTokensMean: 200, rtr: 0.2 });
    expect(of.byCategory).toEqual({ colour: { n: 3, accuracy: 0.3333, ci95: wilson(1, 3) } });
    expect(of.totalMs).toEqual({ p50: 200, p90: 280 });
    expect(of.peakMemoryBytes).toEqual({ p50: 200e6, p90: 200e6 });
    expect(of.phaseMs.encode).toEqual({ p50: 1, p90: 1 });
    expect(of.prefill).toEqual({ new: 120, reused: 60, recomputed: 5 });
    expect(summarise([])).toMatchObject({ n: 0, accuracy: null, ci95: null, rtr: null });
  });

  it('compares on the same items', () => {
    expect(pairsOf(runs, ['coarse-to-fine', 'full-resolution'])).toEqual({
      'coarse-to-fine/full-resolution': {
        n: 3,
        medianSpeedup: 3,
        timeRatio: { p50: 0.375, p90: 0.475 },
        tokenRatio: 0.2,
        flopRatio: 0.2,
        timeShareOfFlops: 0.6,
        identicalAnswers: 0.3333,
        accuracyDifference: 0,
      },
    });
  });

  it('knows the size of a picture from the other policy when one failed', () => {
    const names = ['coarse-to-fine', 'full-resolution'];
    const key = 'coarse-to-fine/full-resolution';
    expect(pairsOf(runs, names, 4000)[key]?.n).toBe(3);
    expect(pairsOf(runs, names, 5001)[key]).toMatchObject({ n: 0, medianSpeedup: null });
  });

  it('alternates policies, and samples alike everywhere', () => {
    expect([policyOrder('abc'.split(''), 0), policyOrder('abc'.split(''), 1)]).toEqual([
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
    ]);
    const items = 'abcdefgh'.split('');
    expect(chosenItems(items, { limit: 3 })).toEqual(['a', 'b', 'c']);
    expect(chosenItems(items, { limit: 3, seed: 1 })).toEqual(
      chosenItems(items, { seed: 1 }).slice(0, 3),
    );
    expect([...chosenItems(items, { seed: 1 })].sort()).toEqual(items);
    expect(chosenItems(items, { seed: 1 })).not.toEqual(chosenItems(items, { seed: 2 }));
  });

  it('makes a report with text and chart, and marks times of an emulated adapter', () => {
    const device = { ...DEVICE, used: 'webgpu', fallback: true } as const;
    const emulated = { ...environment, device, timingsWarning: timingsWarning(device) };
    const made = benchReport(emulated, runs);
    expect(Object.keys(made)).toEqual(
      'schema environment items summary pairs pairs4000'.split(' '),
    );
    expect(made.environment.comparability.pixelCap.coarse).toBe(78_400);
    const text = reportMarkdown(made, 'accuracy.svg');
    expect(text).toContain('emulated in software');
    expect(text).toContain('3.00 x ⚠');
    expect(text).toContain('| coarse-to-fine | 1 ⚠ | 1 ⚠ | 1 ⚠ | 1 ⚠ | - |');
    expect(text).toContain('| 3 | coarse-to-fine | out-of-memory | too much |');
    expect(accuracyChart(made.summary).match(/<circle/g)).toHaveLength(2);
    expect(accuracyChart({})).toContain('</svg>');
    expect(timingsWarning(DEVICE)).toBeNull();
  });
});

describe('shards', () => {
  const names = ['coarse-to-fine', 'full-resolution'];
  const runs = ['1', '2', '3', '4', '5'].flatMap((id) => [
    run('coarse-to-fine', id === '2' ? 'A' : 'B', 200, 100 * Number(id), id),
    run('full-resolution', 'B', 1000, 500, id),
  ]);
  const ids = [...new Set(runs.map(({ id }) => id))];
  const whole = { ...environment.dataset, items: 5, chosen: 5 };

  /** The report that one of `count` machines would have written. */
  const shard = (index: number, count: number, other: Partial<Environment> = {}) => {
    const own = shardOf(ids, { index, count });
    const dataset = { ...whole, items: own.length, shard: { index, count } };
    const items = runs.filter(({ id }) => own.includes(id));
    const report = benchReport({ ...environment, dataset, ...other }, items);
    return { name: `${index}`, report };
  };

  it.each([1, 2, 3, 7])('deal items out evenly, each to one of %i', (count) => {
    const all = Array.from({ length: count }, (_, at) => shardOf(ids, { index: at + 1, count }));
    expect(unshard(all)).toEqual(ids);
    const sizes = all.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('merge into the report of one run, in whatever order they come', () => {
    const { environments, ...merged } = mergeReports([shard(3, 3), shard(1, 3), shard(2, 3)]);
    expect(merged).toEqual(benchReport({ ...environment, dataset: whole }, runs));
    expect(merged.environment.policies).toEqual(names);
    expect(environments?.map(({ dataset }) => dataset.shard?.index)).toEqual([1, 2, 3]);
    const text = reportMarkdown({ ...merged, environments: environments ?? [] }, 'a.svg');
    expect(text).toContain('## Environment of shard 3/3, 1 items');
  });

  it.each([
    [{ model: { ...environment.model, dtype: 'fp32' } }, /1 and 2 cannot be merged: model is .*q8/],
    [{ commit: 'abc' }, /commit is null there and "abc" here/],
    [{ isolated: false }, /isolated/],
    [{ settings: 'other' }, /settings/],
    [{ device: { ...DEVICE, fallback: true } }, /device.fallback/],
  ])('are refused when they differ: %j', (other, message) => {
    expect(() => mergeReports([shard(1, 2), shard(2, 2, other)])).toThrow(message);
  });

  it('are refused when one is missing, is there twice, or is no shard', () => {
    expect(() => mergeReports([shard(1, 3), shard(3, 3)])).toThrow('Shard 2/3 is missing');
    expect(() => mergeReports([shard(1, 2), shard(1, 2)])).toThrow('is there twice: 1 and 1');
    const report = benchReport(environment, runs);
    expect(() => mergeReports([{ name: 'x', report }])).toThrow('x is not the report of a shard');
    expect(() => mergeReports([])).toThrow('nothing to merge');
  });

  it('of unlike machines are merged with a warning about their times', () => {
    const merged = mergeReports([shard(1, 2), shard(2, 2, { processor: 'y', cores: 4 })]);
    expect(merged.environment.timingsWarning).toContain('processor, cores differ');
  });
});

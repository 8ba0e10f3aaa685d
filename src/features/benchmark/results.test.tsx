import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import type { BenchItem } from '../../core/bench/item.ts';
import { scoreRun, type BenchRun } from '../../core/bench/score.ts';
import type { RunReport } from '../../core/run/report.ts';
import type { Measured } from './bench-report.ts';
import { Benchmark } from './benchmark.tsx';
import { Results } from './results.tsx';

const item: BenchItem = {
  id: '7',
  image: 'a.jpg',
  text: 'Read it.',
  options: [],
  label: 'K',
  category: 'a',
  boxes: [],
};

const device = {
  requested: 'webgpu',
  used: 'webgpu',
  adapter: 'SwiftShader',
  fallback: true,
  fallbackReason: null,
  threads: 1,
} as const;

function answered(policy: string, tokens: number, total: number): BenchRun {
  const report = {
    answer: 'K',
    image: { width: 10, height: 10, nativeTokens: 4000 },
    regions: [],
    visionTokens: { coarse: tokens, crops: 0, total: tokens, fullResolution: 4000 },
    prefill: { new: 1, reused: 0 },
    generatedTokens: 1,
    timings: { decodeImage: 1, encode: 1, prefill: 1, ttft: 1, decode: 1, total },
    notices: [],
    stages: [],
  } as unknown as RunReport;
  return scoreRun(item, policy, { report }, null);
}

it('shows the figures so far, what failed, and that emulated times say little', () => {
  const error = { code: 'out-of-memory', message: 'The picture was too much.' } as const;
  const runs = [
    answered('coarse-only', 100, 500),
    answered('coarse-to-fine', 200, 1000),
    scoreRun(item, 'full-resolution', { error }, null),
  ];
  const policies = runs.map(({ policy }) => policy);
  const plan = { settings: { policies, limit: 1, seed: null }, items: [item], key: 'k' };
  const measured = { plan, runs, device: { dtype: 'q8', report: device } } as unknown as Measured;
  const html = renderToStaticMarkup(<Results measured={measured} />);
  expect(html).toContain('emulated in software');
  expect(html).toContain('100.0\u00a0%');
  expect(html).toContain(
    '<th scope="row">Coarse only / Coarse to fine</th><td>1</td><td>2.0×</td>',
  );
  expect(html).toContain('The picture was too much.');
  expect(html).toMatch(
    /<img[^>]*alt="Accuracy over vision tokens: coarse-only 100.0\u00a0% at 100/,
  );
});

it('names the best cap of one look, and pairs with it', () => {
  const names = ['coarse-to-fine', 'full-resolution@100', 'full-resolution@640'];
  const runs = names.map((name) => answered(name, 100, 500));
  const settings = { policies: ['coarse-to-fine', 'full-resolution'], caps: [100, 640], limit: 1 };
  const plan = { settings, items: [item], key: 'k' };
  const measured = { plan, runs, device: { dtype: 'q8', report: device } } as unknown as Measured;
  const html = renderToStaticMarkup(<Results measured={measured} />);
  expect(html).toContain('Best cap of one look: <strong>One look, 100 tokens</strong>');
  expect(html).toContain('Coarse to fine / One look, 640 tokens');
});

it('says so while nothing is chosen', () => {
  expect(renderToStaticMarkup(<Benchmark />)).toContain('Nothing chosen yet.');
});

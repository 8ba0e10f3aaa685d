import { describe, expect, it } from 'vitest';
import { accuracyChart } from './chart.ts';
import { bestCap, contenderNames, contenderOf, pairedNames } from './contender.ts';
import type { PolicySummary } from './summary.ts';

const summary = (accuracy: number, visionTokensMean: number): PolicySummary =>
  ({ accuracy, visionTokensMean, ci95: [accuracy - 0.1, accuracy] }) as unknown as PolicySummary;

const SUMMARY = {
  'coarse-to-fine': summary(0.95, 338),
  'full-resolution@100': summary(0.67, 91),
  'full-resolution@640': summary(0.72, 616),
  'full-resolution@1280': summary(0.72, 1241),
  'full-resolution@16384': summary(0.38, 9500),
};

describe('names of contenders', () => {
  it('say policy and cap, on either engine', () => {
    expect(contenderOf('coarse-to-fine')).toEqual({ policy: 'coarse-to-fine', cap: null });
    expect(contenderOf('full-resolution@640')).toEqual({ policy: 'full-resolution', cap: 640 });
    expect(contenderOf('full-resolution@640@transformers.js').cap).toBe(640);
    expect(contenderOf('full-resolution@transformers.js').cap).toBeNull();
    const names = contenderNames(['coarse-to-fine', 'full-resolution'], [100, 640]);
    expect(names).toEqual(['coarse-to-fine', 'full-resolution@100', 'full-resolution@640']);
    expect(contenderNames(['full-resolution'], [])).toEqual(['full-resolution']);
  });
});

describe('the fair baseline', () => {
  it('is the cap that is right most often, the cheaper of equals', () => {
    expect(bestCap(SUMMARY)).toBe('full-resolution@640');
    expect(bestCap({ 'coarse-to-fine': summary(1, 1) })).toBeNull();
  });

  it('is paired with the others, as is the largest cap', () => {
    const paired = pairedNames(Object.keys(SUMMARY), bestCap(SUMMARY));
    expect(paired).toEqual(['coarse-to-fine', 'full-resolution@640', 'full-resolution@16384']);
  });

  it('is drawn as one line over its caps, the best one named', () => {
    const chart = accuracyChart(SUMMARY);
    expect(chart).toContain('best cap of one look: 640');
    expect(chart.match(/fill="none"\/>/g)).toHaveLength(1);
    expect(chart).toContain('>16384<');
    expect(chart.match(/<circle [^>]*r="5"/g)).toHaveLength(5);
  });
});

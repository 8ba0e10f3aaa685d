import { describe, expect, it } from 'vitest';
import cases from '../core/world/cases.json' with { type: 'json' };
import { patternPixels } from '../core/world/testing.ts';
import { pictureStatistics } from './statistics.ts';

describe('pictureStatistics', () => {
  it.each(cases.statistics)('counts as Python does: $pattern, $width pixels wide', (drawn) => {
    const found = pictureStatistics(patternPixels(drawn.pattern, drawn), drawn);
    expect(found.vividEdges).toBeCloseTo(drawn.vividEdges, 6);
    expect(found.edgeHues).toBeCloseTo(drawn.edgeHues, 6);
  });
});

import { describe, expect, it } from 'vitest';
import { TINY_PROFILE } from '../policies/testing/tiny-profile.ts';
import { tokenAccount } from './account.ts';
import type { RunEvent, StageMeasure, StageName } from './events.ts';
import { foldEvent, foldRun, IDLE_RUN, reportOf } from './fold.ts';
import { runFlops, textFlops, visionFlops } from './flops.ts';

function measure(
  stage: StageName,
  visionTokens: number,
  prefilled = 0,
  reused = 0,
  recomputed = 0,
): StageMeasure {
  const timings = {
    decodeImage: 1,
    resize: 2,
    patchify: 3,
    encode: 4,
    prefill: 5,
    ttft: 6,
    decode: 7,
    total: 8,
  };
  return { stage, visionTokens, prefilled, reused, recomputed, generatedTokens: 10, timings };
}

function token(index: number, text: string, at: number, stage: StageName = 'coarse'): RunEvent {
  const step = { index, id: 1, text, logProbability: 0, alternatives: [] };
  return { type: 'token', stage, step, at };
}

const started: RunEvent = {
  type: 'run-started',
  policy: 'coarse-to-fine',
  question: 'What?',
  options: [],
  picture: { width: 4000, height: 3000, nativeTokens: 15301, type: 'image/jpeg', bytes: 1 },
  model: { id: 'ergo-tiny', dtype: 'q8' },
  device: {
    requested: 'wasm',
    used: 'wasm',
    adapter: null,
    fallback: false,
    fallbackReason: null,
    threads: 2,
  },
  budgets: TINY_PROFILE.budgets,
  fullResolutionTokens: 15301,
  aheadMs: 0,
  at: 0,
};

describe('the fold', () => {
  it('shows text and box while they are being written', () => {
    const state = foldRun([
      started,
      { type: 'stage-started', stage: 'coarse', at: 1 },
      token(0, '<zoom>[10, 20', 40),
      token(1, ', 30', 50),
    ]);
    expect(state.status).toBe('running');
    expect(state.stages[0]).toMatchObject({ text: '<zoom>[10, 20, 30', firstTokenAt: 40 });
    expect(state.zoom).toEqual({ known: [10, 20], growing: 30 });
    expect(reportOf(state)).toBeNull();
  });

  it('leaves earlier states as they were', () => {
    const first = foldEvent(IDLE_RUN, started);
    const frozen = structuredClone(first);
    foldEvent(first, { type: 'stage-started', stage: 'coarse', at: 1 });
    expect(first).toEqual(frozen);
  });

  it('makes the report that the command line prints', () => {
    const report = reportOf(
      foldRun([
        started,
        { type: 'stage-started', stage: 'coarse', at: 1 },
        token(0, 'x', 40),
        { type: 'stage-measured', measure: measure('coarse', 88, 100), at: 60 },
        { type: 'stage-started', stage: 'crop', at: 61 },
        token(0, 'y', 90, 'crop'),
        { type: 'stage-measured', measure: measure('crop', 90, 120, 110, 7), at: 99 },
        {
          type: 'answered',
          answer: { text: 'KR47', letter: null, thinking: '', confidence: null },
          at: 100,
        },
        { type: 'run-finished', at: 101 },
      ]),
    );
    expect(report).toMatchObject({
      answer: 'KR47',
      policy: 'coarse-to-fine',
      model: 'ergo-tiny',
      dtype: 'q8',
      image: { width: 4000, height: 3000, nativeTokens: 15301 },
      regions: [],
      visionTokens: { coarse: 88, crops: 90, total: 178, fullResolution: 15301 },
      prefill: { new: 220, reused: 110, recomputed: 7 },
      generatedTokens: 20,
      timings: { decodeImage: 12, encode: 8, prefill: 10, ttft: 90, decode: 14, total: 101 },
      notices: [],
    });
  });

  it('makes no report of a failed run', () => {
    const error = { code: 'cancelled', message: 'The run was cancelled.' } as const;
    const state = foldRun([started, { type: 'run-failed', error, at: 5 }]);
    expect(state).toMatchObject({ status: 'failed', error });
    expect(reportOf(state)).toBeNull();
  });
});

describe('the account', () => {
  it('counts every view once and compares with the baseline', () => {
    const account = tokenAccount(
      [measure('coarse', 100), measure('crop', 96), measure('coarse', 0)],
      4000,
    );
    expect(account).toEqual({ coarse: 100, crops: 96, total: 196, fullResolution: 4000 });
  });
});

describe('FLOPs', () => {
  it('equal a count by hand for one token', () => {
    const perLayer = 2 * 256 * (256 + 128 + 128 + 256 + 3 * 768) + 4 * 256 * 1;
    expect(textFlops(1, 0, 1, TINY_PROFILE)).toBe(6 * perLayer + 2 * 256 * 1024);
  });

  it('do not depend on how a prefill is split', () => {
    const whole = textFlops(100, 0, 0, TINY_PROFILE);
    const split = textFlops(60, 0, 0, TINY_PROFILE) + textFlops(40, 60, 0, TINY_PROFILE);
    expect(split).toBe(whole);
  });

  it('grow with the tokens: linearly in windows, faster with full attention', () => {
    expect(visionFlops(1000, TINY_PROFILE) / visionFlops(100, TINY_PROFILE)).toBeCloseTo(10, 6);
    const { architecture } = TINY_PROFILE;
    const vision = { ...architecture.vision, fullAttentionBlocks: [1, 3] };
    const whole = { ...TINY_PROFILE, architecture: { ...architecture, vision } };
    expect(visionFlops(1000, whole) / visionFlops(100, whole)).toBeGreaterThan(12);
  });

  it('of a reused prefix are not counted again', () => {
    const fresh = runFlops([measure('crop', 0, 200, 0)], TINY_PROFILE);
    const reusing = runFlops([measure('crop', 0, 100, 100)], TINY_PROFILE);
    expect(reusing.prefill).toBeLessThan(fresh.prefill);
    expect(reusing.decode).toBe(fresh.decode);
    expect(reusing.vision).toBe(0);
  });
});

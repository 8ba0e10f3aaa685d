/** What is left of a run when it is over. `npm run ask --json` prints the RunReport as it is. */
import type { DeviceReport } from '../contracts/model.ts';
import type { Answer, Notice, PolicyName, RegionSource, StageMeasure } from './events.ts';

/** Vision tokens, each view counted once. */
export interface TokenAccount {
  readonly coarse: number;
  readonly crops: number;
  /** All views of the run. */
  readonly total: number;
  /** What the baseline would have spent on the same picture under its cap. */
  readonly fullResolution: number;
}

/** Tokens of the decoder, vision tokens included, summed over the stages. */
export interface PrefillAccount {
  readonly new: number;
  /** Taken from a KV cache. */
  readonly reused: number;
  /** Those of `new` that a context of the same run held already: work done twice. */
  readonly recomputed: number;
}

/** A region in original pixels. */
export interface ReportedRegion {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly source: RegionSource;
}

/**
 * Milliseconds, summed over the stages; `ttft` and `total` count from the run's start, and what was
 * done ahead of the question with them.
 */
export interface RunTimings {
  /** Everything before the vision encoder: decode, resize, patchify. `stages` tell them apart. */
  readonly decodeImage: number;
  readonly encode: number;
  readonly prefill: number;
  /** To the first token of the stage that answers. */
  readonly ttft: number;
  readonly decode: number;
  readonly total: number;
}

export interface RunReport {
  readonly answer: string;
  readonly policy: PolicyName;
  readonly model: string;
  readonly dtype: string;
  readonly device: DeviceReport;
  readonly image: {
    readonly width: number;
    readonly height: number;
    readonly nativeTokens: number;
  };
  readonly regions: readonly ReportedRegion[];
  readonly visionTokens: TokenAccount;
  readonly prefill: PrefillAccount;
  readonly generatedTokens: number;
  readonly timings: RunTimings;
  /** Milliseconds of `timings.total` that went by before the question was asked. */
  readonly aheadMs: number;
  readonly notices: readonly Notice[];
  readonly stages: readonly StageMeasure[];
  readonly details: Answer;
}

/** A run is a stream of these; everything else is a fold over it. Plain data but for previews. */
import type { Context, Generated, ModelInfo, TokenStep } from '../contracts/model.ts';
import type { PictureInfo, PictureView } from '../contracts/pictures.ts';
import type { Budgets } from '../contracts/profile.ts';
import type { WireError } from '../errors.ts';
import type { Corners } from '../geometry/frames.ts';
import type { RegionRepair } from '../geometry/region.ts';
import type { Box } from '../geometry/size.ts';

export type PolicyName =
  'coarse-to-fine' | 'on-demand' | 'search' | 'full-resolution' | 'coarse-only';

/** One look at the picture: its view, its prefill, its text. */
export type StageName = 'coarse' | 'crop' | 'full';

export type RegionSource = 'model' | 'hand';

/** Things that a person should know about a run that went on nevertheless. */
export type NoticeCode =
  /** The model named no usable box; the answer comes from the coarse view alone. */
  | 'region-fallback'
  /** The box was repaired, see region-predicted. */
  | 'region-repaired'
  /** The model named several boxes; one is used. */
  | 'region-extra'
  /** Asked for a region, the model answered; there was no second look. */
  | 'answered-at-once'
  /** The text has no <answer>; the whole text is the answer. */
  | 'answer-untagged'
  /** There is an answer, and nothing in it. */
  | 'answer-empty'
  /** The question or the picture is of another world than the one that the model was taught. */
  | 'outside-world'
  /** The model asked for another look that it did not get. */
  | 'search-ended'
  /** One look at everything costs no more than two looks would, and was taken. */
  | 'small-picture'
  /** Generation stopped at the limit of tokens. */
  | 'text-truncated'
  /** The baseline was capped below the picture's own resolution. */
  | 'full-resolution-capped'
  /** A slower device than the wanted one was used. */
  | 'device-fallback';

export interface Notice {
  readonly code: NoticeCode;
  /** One sentence for people. */
  readonly message: string;
}

/** Milliseconds. */
export interface StageTimings {
  readonly decodeImage: number;
  readonly resize: number;
  readonly patchify: number;
  readonly encode: number;
  readonly prefill: number;
  /** From the stage's start to its first token. */
  readonly ttft: number;
  /** From its first token to its last. */
  readonly decode: number;
  readonly total: number;
}

export interface StageMeasure {
  readonly stage: StageName;
  /** Views encoded in this stage; 0 when it goes on with one that was there. */
  readonly visionTokens: number;
  readonly prefilled: number;
  /** Tokens whose KV was there when the stage began. */
  readonly reused: number;
  /** Those of `prefilled` whose KV a context of the run held already, and which was not used. */
  readonly recomputed: number;
  readonly generatedTokens: number;
  readonly timings: StageTimings;
}

/** How sure a model was of its answer. */
export interface Confidence {
  /** 0..1 */
  readonly value: number;
  /** True: the chance that the answer is right, by the model's calibration; false: how probable its tokens were. */
  readonly calibrated: boolean;
}

export interface Answer {
  /** What stands in <answer>, trimmed. */
  readonly text: string;
  /** Letter of the option that it names; null for free answers or when it names none. */
  readonly letter: string | null;
  /** What stands in <think> of the answering stage. */
  readonly thinking: string;
  /** Null where nothing was written. */
  readonly confidence: Confidence | null;
}

export type RunEventBody =
  | {
      readonly type: 'run-started';
      readonly policy: PolicyName;
      readonly question: string;
      readonly options: readonly string[];
      readonly picture: PictureInfo;
      readonly model: { readonly id: string; readonly dtype: string };
      readonly device: ModelInfo['device'];
      readonly budgets: Budgets;
      /** Tokens of the baseline on this picture, under its cap. */
      readonly fullResolutionTokens: number;
      /** Milliseconds of its work that were done before it was asked; `at` counts them. */
      readonly aheadMs: number;
    }
  /** Of one name twice in a run if the coarse stage has to answer after all. */
  | { readonly type: 'stage-started'; readonly stage: StageName }
  | { readonly type: 'picture-viewed'; readonly stage: StageName; readonly view: PictureView }
  | {
      readonly type: 'picture-encoded';
      readonly stage: StageName;
      readonly tokens: number;
      readonly milliseconds: number;
    }
  /** Between two steps of a long prefill: tokens of what is being read. Not kept in a record. */
  | {
      readonly type: 'prefilling';
      readonly stage: StageName;
      readonly done: number;
      readonly total: number;
    }
  /** Once per stage, before its first token. */
  | {
      readonly type: 'prefilled';
      readonly stage: StageName;
      readonly prefilled: number;
      readonly reused: number;
      readonly milliseconds: number;
    }
  | { readonly type: 'token'; readonly stage: StageName; readonly step: TokenStep }
  | { readonly type: 'generated'; readonly stage: StageName; readonly result: Generated }
  /** What the model wrote, and what became of it. `region` is null if it was unusable. */
  | {
      readonly type: 'region-predicted';
      readonly corners: Corners | null;
      readonly region: Box<'coarse'> | null;
      readonly repairs: readonly RegionRepair[];
    }
  /** The region that will be cut, in both frames. */
  | {
      readonly type: 'region-chosen';
      readonly coarse: Box<'coarse'>;
      readonly original: Box<'original'>;
      readonly source: RegionSource;
    }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'stage-measured'; readonly measure: StageMeasure }
  /**
   * The context after the coarse stage, for asking again about another region. Sent only if
   * RunInput.keepContext is set; whoever asked for it releases it.
   */
  | { readonly type: 'context-kept'; readonly context: Context }
  | { readonly type: 'answered'; readonly answer: Answer }
  | { readonly type: 'run-finished' }
  | { readonly type: 'run-failed'; readonly error: WireError };

/** `at`: milliseconds since the run started. */
export type RunEvent = RunEventBody & { readonly at: number };
export type RunEventType = RunEventBody['type'];
export type RunEventOf<T extends RunEventType> = Extract<RunEvent, { readonly type: T }>;

/** What a policy has to know about a model: the part of its manifest that is not about files. */
import type { CoordinateConvention } from '../geometry/frames.ts';
import type { RegionRules } from '../geometry/region.ts';
import type { PictureStatistics } from './pictures.ts';

export type ModelFamily = 'qwen2-vl' | 'qwen2.5-vl' | 'qwen3-vl' | 'qwen3.5';

/** How a picture becomes patches. */
export interface ImageRules {
  /** Side of a square patch in pixels. */
  readonly patchSize: number;
  /** Patches per token along each side. */
  readonly mergeSize: number;
  /** Frames per patch; a still picture is repeated. */
  readonly temporalPatchSize: number;
  /** patchSize x mergeSize */
  readonly pixelsPerToken: number;
  /** Per channel (R, G, B), of values scaled to 0..1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly minTokens: number;
  readonly maxTokens: number;
}

/** Vision tokens that a view may cost at most. */
export interface Budgets {
  readonly coarse: number;
  readonly crop: number;
  /** Of each crop that the model asks for by name; absent: at its own resolution. */
  readonly demandCrop?: number | undefined;
  /** Cap of the baseline. */
  readonly fullResolution: number;
}

/**
 * Templates of the user's turns; `{question}` is replaced. A `system` of '' is none.
 * `locate` gets the question without its options, all others with them.
 */
export interface Prompts {
  readonly coarseToFine: {
    readonly system: string;
    readonly locate: string;
    readonly answer: string;
  };
  readonly direct: { readonly system: string; readonly answer: string };
  readonly onDemand?:
    { readonly system: string; readonly first: string; readonly second: string } | undefined;
  /** `again` comes with each further look, `last` where no more may be made. */
  readonly search?:
    | {
        readonly system: string;
        readonly first: string;
        readonly again: string;
        readonly last: string;
      }
    | undefined;
}

/** What a family's chat template does beside the turns themselves. */
export interface ChatRules {
  /** Put into the system turn where a prompt has none; null: there is no such turn then. */
  readonly defaultSystem: string | null;
  /** Stands before the model's own words in each of its turns: an empty thought, or nothing. */
  readonly replyPrefix: string;
  /** How a later look is handed over: in a plain user turn, or as what a tool answered. */
  readonly laterLook: 'user' | 'tool-response';
}

/** Where a small model's world ends; what lies outside gets an answer with a warning. */
export interface WorldRules {
  /** What it was taught, after "It knows only ". */
  readonly about: string;
  /** Words of the questions that it was taught, lower case. */
  readonly words: readonly string[];
  /** Least and most of each statistic among the pictures that it was taught with. */
  readonly picture: Readonly<Record<keyof PictureStatistics, readonly [number, number]>>;
  /** From the logarithm of the answer's probability to the chance that it is right (logistic). */
  readonly confidence: { readonly intercept: number; readonly slope: number };
}

/** Shape of the vision tower; for estimates of FLOPs and for KV and memory accounts. */
export interface VisionArchitecture {
  readonly depth: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly intermediateSize: number;
  /** Three matrices in its MLP instead of two. */
  readonly gatedMlp: boolean;
  readonly outHiddenSize: number;
  /** Pixels; 0 where no block has windows. */
  readonly windowSize: number;
  /** Blocks that attend to the whole picture; the others only within windows. */
  readonly fullAttentionBlocks: readonly number[];
}

/** Shape of the language model. */
export interface TextArchitecture {
  readonly layers: number;
  /** Layers whose state grows with the context (keys and values); the others keep a fixed one. */
  readonly attentionLayers: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  readonly ropeTheta: number;
  /** Rotary pairs for time, row and column; sums to half of what is rotated of a head. */
  readonly mropeSection: readonly [number, number, number];
}

export interface ModelProfile {
  readonly id: string;
  readonly name: string;
  readonly family: ModelFamily;
  readonly image: ImageRules;
  readonly coordinates: CoordinateConvention;
  readonly budgets: Budgets;
  readonly region: RegionRules;
  readonly prompts: Prompts;
  /** Null for a model that knows the world. */
  readonly world: WorldRules | null;
  readonly chat: ChatRules;
  /** `tags`: taught to write <think>, <zoom> and <answer>; `plain`: writes as its family does. */
  readonly replies: 'tags' | 'plain';
  /** Tokens that end an answer, by their text; the first one ends a turn. */
  readonly stop: readonly [string, ...string[]];
  /** Further ones by number, as generation_config.json has them. */
  readonly stopIds: readonly number[];
  readonly maxNewTokens: number;
  /** Tokens that a context can hold, as far as the model goes. */
  readonly contextTokens: number;
  readonly architecture: {
    readonly vision: VisionArchitecture;
    readonly text: TextArchitecture;
    /** Number of weights. */
    readonly parameters: number;
  };
}

/** What one file of this folder says of its family; `checkpoint.ts` reads the rest from files. */
import type {
  Budgets,
  ChatRules,
  ImageRules,
  ModelFamily,
  Prompts,
  VisionArchitecture,
} from '../../core/contracts/profile.ts';
import type { CoordinateConvention } from '../../core/geometry/frames.ts';
import type { RegionRules } from '../../core/geometry/region.ts';
import type { TextConfig, VisionConfig } from './config.ts';

export interface Family {
  readonly family: ModelFamily;
  /** For people. */
  readonly label: string;
  /** `model_type` of config.json. */
  readonly modelType: string;
  readonly coordinates: CoordinateConvention;
  /** Where preprocessor_config.json says nothing: the values of the family's own checkpoints. */
  readonly image: Pick<
    ImageRules,
    'patchSize' | 'mergeSize' | 'temporalPatchSize' | 'mean' | 'std'
  > & {
    /** Least and most pixels of a resized picture. */
    readonly minPixels: number;
    readonly maxPixels: number;
  };
  /** Where config.json says nothing: the default of the family's class in transformers. */
  readonly mropeSection: readonly [number, number, number];
  /** Part of a head that is rotated; 1 where config.json cannot say otherwise. */
  readonly rotaryPart: number;
  /** Where there is no chat template to look at. */
  readonly chat: ChatRules;
  readonly budgets: Omit<Budgets, 'fullResolution'>;
  readonly region: RegionRules;
  readonly prompts: Prompts;
  /** @throws ErgoError `config-invalid` for a vision_config without what is needed */
  readonly vision: (config: VisionConfig) => VisionArchitecture;
  /** Weights of one decoder layer's token mixing where it is no attention; by its config. */
  readonly linearLayerWeights?: (config: TextConfig) => number;
  /** Columns of the query projection per column of the heads: 2 where attention is gated. */
  readonly queryColumns?: number;
}

/** Number of weights by the shapes alone: matrices only; biases and norms are left out (0.2 % of Qwen3.5-0.8B). */
import type {
  ImageRules,
  TextArchitecture,
  VisionArchitecture,
} from '../../core/contracts/profile.ts';
import type { TextConfig } from './config.ts';
import type { Family } from './family.ts';

interface Told {
  readonly config: TextConfig;
  readonly image: ImageRules;
  /** One table for the tokens that come in and those that go out. */
  readonly tied: boolean;
  /** Of the vision tower; DeepStack has further ones. */
  readonly mergers: number;
}

export function weightsOf(
  family: Pick<Family, 'linearLayerWeights' | 'queryColumns'>,
  vision: VisionArchitecture,
  text: TextArchitecture,
  { config, image, tied, mergers }: Told,
): number {
  return visionWeights(vision, image, mergers) + textWeights(family, text, config, tied);
}

function visionWeights(vision: VisionArchitecture, image: ImageRules, mergers: number): number {
  const { hiddenSize: h, intermediateSize: f, outHiddenSize, depth, gatedMlp } = vision;
  const merged = image.mergeSize ** 2 * h;
  const perPatch = 3 * image.temporalPatchSize * image.patchSize ** 2;
  const block = 4 * h * h + (gatedMlp ? 3 : 2) * h * f;
  return perPatch * h + depth * block + mergers * merged * (merged + outHiddenSize);
}

function textWeights(
  { linearLayerWeights, queryColumns = 1 }: Pick<Family, 'linearLayerWeights' | 'queryColumns'>,
  text: TextArchitecture,
  config: TextConfig,
  tied: boolean,
): number {
  const { hiddenSize: h, headSize, heads, keyValueHeads } = text;
  const attention = h * headSize * ((queryColumns + 1) * heads + 2 * keyValueHeads);
  const linear = linearLayerWeights?.(config) ?? 0;
  return (
    (tied ? 1 : 2) * text.vocabularySize * h +
    text.attentionLayers * attention +
    (text.layers - text.attentionLayers) * linear +
    text.layers * 3 * h * text.intermediateSize
  );
}

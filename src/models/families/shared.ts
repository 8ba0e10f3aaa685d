/** What several families have in common. */
import type { ChatRules } from '../../core/contracts/profile.ts';
import type { RegionRules } from '../../core/geometry/region.ts';
import type { Family } from './family.ts';
import { required } from './config.ts';

/** Means and deviations of CLIP's training pictures (arXiv 2103.00020), R, G, B. */
export const CLIP_COLOURS = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;

export const HALF_COLOURS = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** ChatML with nothing added. */
export const PLAIN_CHAT: ChatRules = { defaultSystem: null, replyPrefix: '', laterLook: 'user' };

/** How the templates of Qwen write that there was no thought. */
export const EMPTY_THOUGHT = '<think>\n\n</think>\n\n';

/**
 * A stock model often misses a small target by a little, so its box gets a margin; the least side
 * (in coarse pixels) and the least tokens are those of Qwen-Agent's zoom tool. The margin is a
 * choice that has not been tuned on real weights.
 */
export const STOCK_REGION: RegionRules = { minSide: 32, margin: 0.2, leastTokens: 256 };

/** Every block attends to the whole picture. */
export function allBlocks(depth: number): number[] {
  return Array.from({ length: depth }, (_, block) => block);
}

/** The vision tower that Qwen3-VL and Qwen3.5 share: no windows, a plain MLP. */
export const visionOfQwen3: Family['vision'] = (config) => ({
  depth: config.depth,
  hiddenSize: required(config.hidden_size, 'vision_config.hidden_size'),
  heads: config.num_heads,
  intermediateSize: required(config.intermediate_size, 'vision_config.intermediate_size'),
  gatedMlp: false,
  outHiddenSize: required(config.out_hidden_size, 'vision_config.out_hidden_size'),
  windowSize: 0,
  fullAttentionBlocks: allBlocks(config.depth),
});

/** Pictures of Qwen3-VL and Qwen3.5. */
export const IMAGE_OF_QWEN3: Family['image'] = {
  patchSize: 16,
  mergeSize: 2,
  temporalPatchSize: 2,
  ...HALF_COLOURS,
  minPixels: 65_536,
  maxPixels: 16_777_216,
};

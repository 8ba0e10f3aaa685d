/** Qwen2-VL (arXiv 2409.12191): boxes in thousandths of the picture, 28 pixels a token. */
import type { Family } from './family.ts';
import { required } from './config.ts';
import { allBlocks, CLIP_COLOURS, PLAIN_CHAT, STOCK_REGION } from './shared.ts';
import prompts from './prompts.json';

export const qwen2Vl: Family = {
  family: 'qwen2-vl',
  label: 'Qwen2-VL',
  modelType: 'qwen2_vl',
  coordinates: 'relative-1000',
  image: {
    patchSize: 14,
    mergeSize: 2,
    temporalPatchSize: 2,
    ...CLIP_COLOURS,
    minPixels: 3136,
    maxPixels: 12_845_056,
  },
  mropeSection: [16, 24, 24],
  rotaryPart: 1,
  chat: { ...PLAIN_CHAT, defaultSystem: 'You are a helpful assistant.' },
  budgets: { coarse: 1280, crop: 1280 },
  region: STOCK_REGION,
  prompts: prompts.stock,
  vision(config) {
    const hiddenSize = required(config.embed_dim, 'vision_config.embed_dim');
    return {
      depth: config.depth,
      hiddenSize,
      heads: config.num_heads,
      intermediateSize: hiddenSize * (config.mlp_ratio ?? 4),
      gatedMlp: false,
      outHiddenSize: required(config.hidden_size, 'vision_config.hidden_size'),
      windowSize: 0,
      fullAttentionBlocks: allBlocks(config.depth),
    };
  },
};

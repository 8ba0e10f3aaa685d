/**
 * Qwen2.5-VL (arXiv 2502.13923), ERGO-7B among them: boxes in pixels of the resized picture, a
 * vision tower with windows.
 */
import type { Family } from './family.ts';
import { required } from './config.ts';
import { qwen2Vl } from './qwen2-vl.ts';
import { zoomTool } from './zoom-tool.ts';

export const qwen25Vl: Family = {
  ...qwen2Vl,
  family: 'qwen2.5-vl',
  label: 'Qwen2.5-VL',
  modelType: 'qwen2_5_vl',
  coordinates: 'absolute-coarse-pixels',
  prompts: { ...qwen2Vl.prompts, search: zoomTool('json', 'absolute-coarse-pixels') },
  vision: (config) => ({
    depth: config.depth,
    hiddenSize: required(config.hidden_size, 'vision_config.hidden_size'),
    heads: config.num_heads,
    intermediateSize: required(config.intermediate_size, 'vision_config.intermediate_size'),
    gatedMlp: true,
    outHiddenSize: required(config.out_hidden_size, 'vision_config.out_hidden_size'),
    // The defaults of Qwen2_5_VLVisionConfig in transformers.
    windowSize: config.window_size ?? 112,
    fullAttentionBlocks: config.fullatt_block_indexes ?? [7, 15, 23, 31],
  }),
};

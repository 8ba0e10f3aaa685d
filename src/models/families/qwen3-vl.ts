/**
 * Qwen3-VL (arXiv 2511.21631): boxes in thousandths, 32 pixels a token. Its DeepStack features come
 * as further columns of the image features (training/export), so nothing here speaks of them.
 */
import type { Family } from './family.ts';
import prompts from './prompts.json';
import { IMAGE_OF_QWEN3, PLAIN_CHAT, STOCK_REGION, visionOfQwen3 } from './shared.ts';
import { zoomTool } from './zoom-tool.ts';

export const qwen3Vl: Family = {
  family: 'qwen3-vl',
  label: 'Qwen3-VL',
  modelType: 'qwen3_vl',
  coordinates: 'relative-1000',
  image: IMAGE_OF_QWEN3,
  mropeSection: [24, 20, 20],
  rotaryPart: 1,
  chat: PLAIN_CHAT,
  // As many pixels as 1,280 tokens of the families with 28 pixels a token, rounded up.
  budgets: { coarse: 1024, crop: 1024 },
  region: STOCK_REGION,
  prompts: { ...prompts.stock, search: zoomTool('json', 'relative-1000') },
  vision: visionOfQwen3,
};

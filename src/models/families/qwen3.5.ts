/**
 * Qwen3.5: pictures and boxes as Qwen3-VL; three of four decoder layers are Gated DeltaNet
 * (arXiv 2412.06464), and a quarter of each head is rotated. Replies begin with an empty thought,
 * which the template writes again only while no new question was put: so a later look is what a
 * tool answered, and the cache holds exactly the tokens of the template.
 */
import type { Family } from './family.ts';
import type { TextConfig } from './config.ts';
import { EMPTY_THOUGHT } from './shared.ts';
import { qwen3Vl } from './qwen3-vl.ts';
import { zoomTool } from './zoom-tool.ts';

export const qwen35: Family = {
  ...qwen3Vl,
  family: 'qwen3.5',
  label: 'Qwen3.5',
  modelType: 'qwen3_5',
  prompts: { ...qwen3Vl.prompts, search: zoomTool('xml', 'relative-1000') },
  mropeSection: [11, 11, 10],
  rotaryPart: 0.25,
  chat: { defaultSystem: null, replyPrefix: EMPTY_THOUGHT, laterLook: 'tool-response' },
  queryColumns: 2,
  linearLayerWeights,
};

/** Projections in and out, gates and the convolution of Qwen3_5GatedDeltaNet. */
function linearLayerWeights(config: TextConfig): number {
  const keyHeads = config.linear_num_key_heads ?? 16;
  const valueHeads = config.linear_num_value_heads ?? 32;
  const keys = keyHeads * (config.linear_key_head_dim ?? 128);
  const values = valueHeads * (config.linear_value_head_dim ?? 128);
  const channels = 2 * keys + values;
  const projected = channels + values + 2 * valueHeads + values;
  return config.hidden_size * projected + channels * (config.linear_conv_kernel_dim ?? 4);
}

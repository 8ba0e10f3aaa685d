/** The configuration files of a checkpoint as Hugging Face writes them, checked at the edge. */
import { ErgoError } from '../../core/errors.ts';
import { z } from '../../core/zod.ts';

const positive = z.int().positive();
const count = z.int().nonnegative();
const section = z.tuple([count, count, count]);
const colour = z.tuple([z.number(), z.number(), z.number()]);

const rope = z
  .looseObject({
    rope_theta: z.number().positive().optional(),
    mrope_section: section.optional(),
    partial_rotary_factor: z.number().positive().max(1).optional(),
  })
  .nullish();

const eos = z.union([count, z.array(count).min(1)]).nullish();

/** The keys of a text_config that are used; the others are kept. */
const textConfig = z.looseObject({
  hidden_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  num_key_value_heads: positive.nullish(),
  head_dim: positive.nullish(),
  intermediate_size: positive,
  vocab_size: positive,
  max_position_embeddings: positive.optional(),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: rope,
  rope_parameters: rope,
  layer_types: z.array(z.string()).nullish(),
  full_attention_interval: positive.nullish(),
  linear_conv_kernel_dim: positive.optional(),
  linear_key_head_dim: positive.optional(),
  linear_value_head_dim: positive.optional(),
  linear_num_key_heads: positive.optional(),
  linear_num_value_heads: positive.optional(),
  tie_word_embeddings: z.boolean().optional(),
  eos_token_id: eos,
});
export type TextConfig = z.infer<typeof textConfig>;

/** The keys of a vision_config that any family uses; each family knows which it needs. */
const visionConfig = z.looseObject({
  depth: positive,
  num_heads: positive,
  patch_size: positive.optional(),
  spatial_merge_size: positive.optional(),
  temporal_patch_size: positive.optional(),
  hidden_size: positive.optional(),
  embed_dim: positive.optional(),
  mlp_ratio: z.number().positive().optional(),
  intermediate_size: positive.optional(),
  out_hidden_size: positive.optional(),
  window_size: positive.optional(),
  fullatt_block_indexes: z.array(count).optional(),
  num_position_embeddings: positive.optional(),
  deepstack_visual_indexes: z.array(count).optional(),
});
export type VisionConfig = z.infer<typeof visionConfig>;

export const namedConfig = z.looseObject({ model_type: z.string().min(1) });

export const modelConfig = z.looseObject({
  vision_config: visionConfig,
  text_config: textConfig.optional(),
  tie_word_embeddings: z.boolean().optional(),
  eos_token_id: eos,
});

const pictureProcessor = z.looseObject({
  patch_size: positive.optional(),
  merge_size: positive.optional(),
  temporal_patch_size: positive.optional(),
  image_mean: colour.optional(),
  image_std: colour.optional(),
  min_pixels: positive.nullish(),
  max_pixels: positive.nullish(),
  size: z
    .looseObject({
      shortest_edge: positive.nullish(),
      longest_edge: positive.nullish(),
      min_pixels: positive.nullish(),
      max_pixels: positive.nullish(),
    })
    .nullish(),
});
export type PictureProcessor = z.infer<typeof pictureProcessor>;

/** preprocessor_config.json, and processor_config.json, which has the same one level down. */
export const preprocessorConfig = pictureProcessor;
export const processorConfig = z.looseObject({ image_processor: pictureProcessor.optional() });

export const generationConfig = z.looseObject({ eos_token_id: eos });

export const tokenizerConfig = z.looseObject({
  eos_token: z.union([z.string(), z.looseObject({ content: z.string() })]).nullish(),
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))])
    .nullish(),
});

export const templateFile = z.looseObject({ chat_template: z.string() });

/**
 * @param text of a flat config.json (Qwen2-VL) or its text_config
 * @throws ErgoError `config-invalid`
 */
export function parseText(text: unknown): TextConfig {
  return parseConfig('config.json', textConfig, text);
}

/** @throws ErgoError `config-invalid`, with the places of the first problems in its message */
export function parseConfig<T>(file: string, schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message));
  throw new ErgoError('config-invalid', `${file}: ${problems.join('; ')}`, { cause: result.error });
}

/** A key of a configuration that a family cannot do without. */
export function required<T>(value: T | null | undefined, key: string): T {
  if (value !== null && value !== undefined) return value;
  throw new ErgoError('config-invalid', `config.json: ${key} is missing.`);
}

/** The files of one checkpoint a family, in the true shapes and spellings of the hub, for tests. */
import type { ModelFamily } from '../../core/contracts/profile.ts';
import type { CheckpointFiles } from './checkpoint.ts';

const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}" +
  '{% endfor %}';
const PLAIN = CHATML + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const WITH_SYSTEM =
  "{% if messages[0].role != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}" +
  PLAIN;
const WITH_THOUGHT =
  "{% if message.role == 'tool' %}<tool_response>{% endif %}" +
  CHATML +
  "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- if enable_thinking is true %}" +
  "{{- '<think>\\n' }}{%- else %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}";

const QWEN2_PICTURES = {
  min_pixels: 3136,
  max_pixels: 12_845_056,
  patch_size: 14,
  temporal_patch_size: 2,
  merge_size: 2,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
};

const QWEN3_PICTURES = {
  size: { longest_edge: 16_777_216, shortest_edge: 65_536 },
  patch_size: 16,
  temporal_patch_size: 2,
  merge_size: 2,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};

/** Sizes as Qwen2-VL-2B, Qwen2.5-VL-3B, Qwen3-VL-2B and Qwen3.5-0.8B have them. */
export const EXAMPLES: Readonly<Record<ModelFamily, CheckpointFiles>> = {
  // Flat, as the oldest of them is.
  'qwen2-vl': {
    'config.json': {
      model_type: 'qwen2_vl',
      hidden_size: 1536,
      num_hidden_layers: 28,
      num_attention_heads: 12,
      num_key_value_heads: 2,
      intermediate_size: 8960,
      vocab_size: 151_936,
      max_position_embeddings: 32_768,
      rope_theta: 1_000_000,
      rope_scaling: { type: 'mrope', mrope_section: [16, 24, 24] },
      tie_word_embeddings: true,
      vision_config: {
        depth: 32,
        embed_dim: 1280,
        hidden_size: 1536,
        mlp_ratio: 4,
        num_heads: 16,
        patch_size: 14,
        spatial_merge_size: 2,
        temporal_patch_size: 2,
      },
    },
    'preprocessor_config.json': QWEN2_PICTURES,
    'generation_config.json': { eos_token_id: [151_645, 151_643] },
    'chat_template.json': { chat_template: WITH_SYSTEM },
  },
  'qwen2.5-vl': {
    'config.json': {
      model_type: 'qwen2_5_vl',
      text_config: {
        hidden_size: 2048,
        num_hidden_layers: 36,
        num_attention_heads: 16,
        num_key_value_heads: 2,
        intermediate_size: 11_008,
        vocab_size: 151_936,
        max_position_embeddings: 128_000,
        rope_parameters: { rope_theta: 1_000_000, mrope_section: [16, 24, 24] },
        tie_word_embeddings: true,
      },
      vision_config: {
        depth: 32,
        hidden_size: 1280,
        intermediate_size: 3420,
        num_heads: 16,
        out_hidden_size: 2048,
        patch_size: 14,
        spatial_merge_size: 2,
        temporal_patch_size: 2,
        window_size: 112,
        fullatt_block_indexes: [7, 15, 23, 31],
      },
    },
    'preprocessor_config.json': QWEN2_PICTURES,
    'generation_config.json': { eos_token_id: 151_645 },
    'tokenizer_config.json': { eos_token: '<|im_end|>', chat_template: WITH_SYSTEM },
  },
  'qwen3-vl': {
    'config.json': {
      model_type: 'qwen3_vl',
      tie_word_embeddings: true,
      text_config: {
        hidden_size: 2048,
        num_hidden_layers: 28,
        num_attention_heads: 16,
        num_key_value_heads: 8,
        head_dim: 128,
        intermediate_size: 6144,
        vocab_size: 151_936,
        max_position_embeddings: 262_144,
        rope_theta: 5_000_000,
        rope_scaling: {
          rope_type: 'default',
          mrope_interleaved: true,
          mrope_section: [24, 20, 20],
        },
        eos_token_id: 151_645,
      },
      vision_config: {
        depth: 24,
        hidden_size: 1024,
        intermediate_size: 4096,
        num_heads: 16,
        out_hidden_size: 2048,
        patch_size: 16,
        spatial_merge_size: 2,
        temporal_patch_size: 2,
        num_position_embeddings: 2304,
        deepstack_visual_indexes: [5, 11, 17],
      },
    },
    'preprocessor_config.json': QWEN3_PICTURES,
    'generation_config.json': { eos_token_id: [151_645, 151_643] },
    'chat_template.jinja': PLAIN,
  },
  'qwen3.5': {
    'config.json': {
      model_type: 'qwen3_5',
      tie_word_embeddings: true,
      text_config: {
        hidden_size: 1024,
        num_hidden_layers: 24,
        num_attention_heads: 8,
        num_key_value_heads: 2,
        head_dim: 256,
        intermediate_size: 3584,
        vocab_size: 248_320,
        max_position_embeddings: 262_144,
        full_attention_interval: 4,
        linear_conv_kernel_dim: 4,
        linear_key_head_dim: 128,
        linear_value_head_dim: 128,
        linear_num_key_heads: 16,
        linear_num_value_heads: 16,
        rope_parameters: {
          rope_theta: 10_000_000,
          partial_rotary_factor: 0.25,
          mrope_interleaved: true,
          mrope_section: [11, 11, 10],
        },
        eos_token_id: 248_044,
      },
      vision_config: {
        depth: 12,
        hidden_size: 768,
        intermediate_size: 3072,
        num_heads: 12,
        out_hidden_size: 1024,
        patch_size: 16,
        spatial_merge_size: 2,
        temporal_patch_size: 2,
        num_position_embeddings: 2304,
      },
    },
    'processor_config.json': { image_processor: QWEN3_PICTURES },
    'generation_config.json': { eos_token_id: [248_046, 248_044] },
    'chat_template.jinja': WITH_THOUGHT,
  },
};

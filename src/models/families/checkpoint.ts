/** From a checkpoint's own files to what policies have to know about it; no manifest of ours. */
import type {
  ChatRules,
  ImageRules,
  ModelProfile,
  TextArchitecture,
} from '../../core/contracts/profile.ts';
import { ErgoError } from '../../core/errors.ts';
import {
  generationConfig,
  modelConfig,
  parseConfig,
  parseText,
  preprocessorConfig,
  processorConfig,
  templateFile,
  tokenizerConfig,
  type PictureProcessor,
  type TextConfig,
  type VisionConfig,
} from './config.ts';
import type { Family } from './family.ts';
import { EMPTY_THOUGHT } from './shared.ts';
import { weightsOf } from './weights-of.ts';

/** The files that are looked at; all but config.json may be missing. */
export const CHECKPOINT_FILES = [
  'config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'generation_config.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'chat_template.json',
] as const;

/** By name: parsed JSON, and the text of chat_template.jinja. */
export type CheckpointFiles = Readonly<Partial<Record<(typeof CHECKPOINT_FILES)[number], unknown>>>;

export interface CheckpointIdentity {
  /** For reports and caches: "owner/name", the name of a folder. */
  readonly id: string;
  /** For people; default: what stands after the last slash of the id. */
  readonly name?: string;
}

/**
 * @throws ErgoError `config-invalid`, naming the file and the key
 */
export function readCheckpoint(
  family: Family,
  files: CheckpointFiles,
  { id, name = id.split('/').at(-1) ?? id }: CheckpointIdentity,
): ModelProfile {
  const config = parseConfig('config.json', modelConfig, files['config.json']);
  const text = parseText(config.text_config ?? files['config.json']);
  const vision = family.vision(config.vision_config);
  const image = imageRules(family, config.vision_config, pictureProcessor(files));
  const architecture = textArchitecture(family, text);
  return {
    id,
    name,
    family: family.family,
    image,
    coordinates: family.coordinates,
    budgets: { ...family.budgets, fullResolution: image.maxTokens },
    region: family.region,
    prompts: family.prompts,
    world: null,
    chat: chatRules(family.chat, chatTemplate(files)),
    replies: 'plain',
    stop: ['<|im_end|>', '<|endoftext|>'],
    stopIds: stopIds(files, config.eos_token_id ?? text.eos_token_id),
    maxNewTokens: 512,
    contextTokens: text.max_position_embeddings ?? 32_768,
    architecture: {
      vision,
      text: architecture,
      parameters: weightsOf(family, vision, architecture, {
        config: text,
        image,
        mergers: 1 + (config.vision_config.deepstack_visual_indexes?.length ?? 0),
        tied: config.tie_word_embeddings ?? text.tie_word_embeddings ?? false,
      }),
    },
  };
}

function pictureProcessor(files: CheckpointFiles): PictureProcessor {
  const plain = files['preprocessor_config.json'];
  if (plain !== undefined)
    return parseConfig('preprocessor_config.json', preprocessorConfig, plain);
  const nested = files['processor_config.json'];
  if (nested === undefined) return {};
  return parseConfig('processor_config.json', processorConfig, nested).image_processor ?? {};
}

function imageRules({ image }: Family, vision: VisionConfig, told: PictureProcessor): ImageRules {
  const patchSize = agreed('patch_size', told.patch_size, vision.patch_size) ?? image.patchSize;
  const mergeSize =
    agreed('merge_size', told.merge_size, vision.spatial_merge_size) ?? image.mergeSize;
  const temporalPatchSize =
    agreed('temporal_patch_size', told.temporal_patch_size, vision.temporal_patch_size) ??
    image.temporalPatchSize;
  const pixelsPerToken = patchSize * mergeSize;
  // As transformers does: the older names win over `size`.
  const least = told.min_pixels ?? told.size?.shortest_edge ?? told.size?.min_pixels;
  const most = told.max_pixels ?? told.size?.longest_edge ?? told.size?.max_pixels;
  const perToken = pixelsPerToken ** 2;
  const minTokens = Math.max(1, Math.ceil((least ?? image.minPixels) / perToken));
  return {
    patchSize,
    mergeSize,
    temporalPatchSize,
    pixelsPerToken,
    mean: told.image_mean ?? image.mean,
    std: told.image_std ?? image.std,
    minTokens,
    maxTokens: Math.max(minTokens, Math.floor((most ?? image.maxPixels) / perToken)),
  };
}

/** What the picture processor and the vision tower both say has to be the same. */
function agreed(
  key: string,
  processor: number | undefined,
  tower: number | undefined,
): number | undefined {
  if (processor === undefined || tower === undefined || processor === tower) {
    return processor ?? tower;
  }
  const message = `${key} is ${tower} in config.json and ${processor} in the picture processor's file.`;
  throw new ErgoError('config-invalid', message);
}

function textArchitecture(family: Family, text: TextConfig): TextArchitecture {
  const heads = text.num_attention_heads;
  const headSize = text.head_dim ?? text.hidden_size / heads;
  const { rope_scaling: scaling, rope_parameters: parameters } = text;
  const mropeSection = scaling?.mrope_section ?? parameters?.mrope_section ?? family.mropeSection;
  const rotated = headSize * (parameters?.partial_rotary_factor ?? family.rotaryPart);
  if (mropeSection[0] + mropeSection[1] + mropeSection[2] !== rotated / 2) {
    const message = `mrope_section [${mropeSection.join(', ')}] does not cover ${rotated / 2} pairs`;
    throw new ErgoError('config-invalid', `config.json: ${message}.`);
  }
  return {
    layers: text.num_hidden_layers,
    attentionLayers: attentionLayers(family, text),
    hiddenSize: text.hidden_size,
    heads,
    keyValueHeads: text.num_key_value_heads ?? heads,
    headSize,
    intermediateSize: text.intermediate_size,
    vocabularySize: text.vocab_size,
    ropeTheta: text.rope_theta ?? parameters?.rope_theta ?? 1_000_000,
    mropeSection,
  };
}

function attentionLayers(family: Family, text: TextConfig): number {
  if (family.linearLayerWeights === undefined) return text.num_hidden_layers;
  if (text.layer_types) {
    return text.layer_types.filter((type) => type === 'full_attention').length;
  }
  return Math.floor(text.num_hidden_layers / (text.full_attention_interval ?? 4));
}

/** generation_config.json is what `generate` of transformers goes by. */
function stopIds(
  files: CheckpointFiles,
  otherwise: number | number[] | null | undefined,
): readonly number[] {
  const json = files['generation_config.json'];
  const told =
    json === undefined
      ? undefined
      : parseConfig('generation_config.json', generationConfig, json).eos_token_id;
  return [told ?? otherwise ?? []].flat();
}

/** The newer places win, as in transformers. */
function chatTemplate(files: CheckpointFiles): string | null {
  const jinja = files['chat_template.jinja'];
  if (typeof jinja === 'string') return jinja;
  const json = files['chat_template.json'];
  if (json !== undefined)
    return parseConfig('chat_template.json', templateFile, json).chat_template;
  const tokenizer = files['tokenizer_config.json'];
  if (tokenizer === undefined) return null;
  const told =
    parseConfig('tokenizer_config.json', tokenizerConfig, tokenizer).chat_template ?? null;
  if (told === null || typeof told === 'string') return told;
  return (told.find(({ name }) => name === 'default') ?? told[0])?.template ?? null;
}

/**
 * What the template adds, read from its text: running it would need all of Jinja on the page. A
 * template that lets a thought begin where the model's turn does gets an empty one instead.
 */
function chatRules(family: ChatRules, template: string | null): ChatRules {
  if (template === null) return family;
  const system = /<\|im_start\|>system(?:\\n|\n)([^<'"{}]+)<\|im_end\|>/.exec(template)?.[1];
  const reply = template.slice(template.lastIndexOf('add_generation_prompt'));
  const thinks = reply.includes('<think>');
  return {
    defaultSystem: system ?? null,
    replyPrefix: thinks ? EMPTY_THOUGHT : '',
    laterLook: thinks && template.includes('<tool_response>') ? 'tool-response' : 'user',
  };
}

/** manifest.json: written by the Python exporter, read here and by the Python evaluation. */
import type { ModelProfile } from '../core/contracts/profile.ts';
import { ErgoError } from '../core/errors.ts';
import { pathsOf, type ModelSource } from './source.ts';
import { z } from '../core/zod.ts';

const count = z.int().nonnegative();
const positive = z.int().positive();
const colour = z.tuple([z.number(), z.number(), z.number()]).readonly();

/** Relative, without a way out of the folder. */
const path = z
  .string()
  .min(1)
  .refine((value) => !value.startsWith('/') && !value.split('/').includes('..'), {
    error: 'must lie inside the model folder',
  });

/** The keys of config.json's vision_config that the app uses; the others are kept. */
const visionConfig = z.looseObject({
  depth: positive,
  hidden_size: positive,
  num_heads: positive,
  intermediate_size: positive,
  out_hidden_size: positive,
  window_size: positive,
  fullatt_block_indexes: z.array(count),
  /** Blocks whose windows are shifted by half a window; absent in stock Qwen2.5-VL. */
  shifted_block_indexes: z.array(count).optional(),
  /** Constant position table added after the merger; absent in stock Qwen2.5-VL. */
  position_table: z.looseObject({ size: positive }).optional(),
});

/** The keys of config.json's text_config that the app uses; the others are kept. */
const textConfig = z.looseObject({
  hidden_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  num_key_value_heads: positive,
  head_dim: positive.optional(),
  intermediate_size: positive,
  vocab_size: positive,
  rope_theta: z.number().positive().optional(),
  mrope_section: z.tuple([count, count, count]).optional(),
  max_position_embeddings: positive.optional(),
  rope_scaling: z
    .looseObject({ mrope_section: z.tuple([count, count, count]).optional() })
    .nullish(),
  rope_parameters: z
    .looseObject({
      rope_theta: z.number().positive().optional(),
      mrope_section: z.tuple([count, count, count]).optional(),
    })
    .nullish(),
});

const sessions = z.object({
  vision_encoder: path,
  embed_tokens: path,
  decoder_model_merged: path,
});

const range = z.tuple([z.number(), z.number()]);

/** Written by training/world.py; absent in models that know the world. */
const worldRules = z.object({
  about: z.string().min(1),
  words: z.array(z.string()),
  picture: z.object({ vividEdges: range, edgeHues: range }),
  confidence: z.object({ intercept: z.number(), slope: z.number() }),
});

const dtype = z.object({
  sessions,
  /** Graphs that take their place on wasm; their weights lie in the files of those they replace. */
  wasm: sessions.partial().optional(),
  /** Everything that this dtype downloads below onnx/, external data included. */
  files: z.array(path).min(1),
});

const file = z.object({
  path,
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export const manifestSchema = z
  .object({
    schema: z.literal(1),
    id: z.string().regex(/^[\w.-]+$/),
    name: z.string().min(1),
    family: z.enum(['qwen2-vl', 'qwen2.5-vl', 'qwen3-vl', 'qwen3.5']),
    description: z.string(),
    licence: z.string(),
    source: z.string(),
    architecture: z.object({ vision: visionConfig, text: textConfig, parameters: positive }),
    image: z.object({
      patchSize: positive,
      mergeSize: positive,
      temporalPatchSize: positive,
      pixelsPerToken: positive,
      mean: colour,
      std: colour,
      minTokens: positive,
      maxTokens: positive,
    }),
    coordinates: z.enum(['absolute-coarse-pixels', 'relative-1000', 'relative-1']),
    budgets: z.object({
      coarse: positive,
      crop: positive,
      demandCrop: positive.optional(),
      fullResolution: positive,
    }),
    region: z.object({
      minSide: positive,
      margin: z.number().min(0).max(1).default(0),
      demandMargin: z.number().min(0).max(1).optional(),
    }),
    prompts: z.object({
      coarseToFine: z.object({ system: z.string(), locate: z.string(), answer: z.string() }),
      direct: z.object({ system: z.string(), answer: z.string() }),
      onDemand: z.object({ system: z.string(), first: z.string(), second: z.string() }).optional(),
      search: z
        .object({ system: z.string(), first: z.string(), again: z.string(), last: z.string() })
        .optional(),
    }),
    world: worldRules.optional(),
    stop: z.tuple([z.string()], z.string()),
    maxNewTokens: positive,
    dtypes: z
      .record(z.string(), dtype)
      .refine((value) => Object.keys(value).length > 0, { error: 'names no dtype' }),
    files: z.array(file).min(1),
    metrics: z.record(z.string(), z.json()),
    golden: path.nullable(),
  })
  .superRefine((manifest, context) => {
    const known = new Set(manifest.files.map((entry) => entry.path));
    for (const [name, entry] of Object.entries(manifest.dtypes)) {
      for (const wanted of pathsOf(entry)) {
        if (known.has(wanted)) continue;
        context.addIssue({
          code: 'custom',
          path: ['dtypes', name],
          message: `${wanted} is not among the files`,
        });
      }
    }
  });

export type Manifest = z.infer<typeof manifestSchema>;

/**
 * @param json the parsed manifest.json
 * @throws ErgoError `manifest-invalid`, with the paths of the first problems in its message
 */
export function parseManifest(json: unknown): Manifest {
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ErgoError('manifest-invalid', `manifest.json: ${problems.join('; ')}`, {
    cause: result.error,
  });
}

/** The part of a manifest that policies need, with config.json's names translated. */
export function profileOf(manifest: Manifest): ModelProfile {
  const { vision, text, parameters } = manifest.architecture;
  const mrope =
    text.mrope_section ?? text.rope_scaling?.mrope_section ?? text.rope_parameters?.mrope_section;
  if (mrope === undefined) {
    throw new ErgoError('manifest-invalid', 'manifest.json: the text model has no mrope_section.');
  }
  return {
    id: manifest.id,
    name: manifest.name,
    family: manifest.family,
    image: manifest.image,
    coordinates: manifest.coordinates,
    budgets: manifest.budgets,
    region: manifest.region,
    prompts: manifest.prompts,
    world: manifest.world ?? null,
    chat: { defaultSystem: null, replyPrefix: '', laterLook: 'user' },
    replies: 'tags',
    stop: manifest.stop,
    stopIds: [],
    maxNewTokens: manifest.maxNewTokens,
    contextTokens: positionRows(text.max_position_embeddings),
    architecture: {
      parameters,
      vision: {
        depth: vision.depth,
        hiddenSize: vision.hidden_size,
        heads: vision.num_heads,
        intermediateSize: vision.intermediate_size,
        gatedMlp: true,
        outHiddenSize: vision.out_hidden_size,
        windowSize: vision.window_size,
        fullAttentionBlocks: vision.fullatt_block_indexes,
      },
      text: {
        layers: text.num_hidden_layers,
        attentionLayers: text.num_hidden_layers,
        hiddenSize: text.hidden_size,
        heads: text.num_attention_heads,
        keyValueHeads: text.num_key_value_heads,
        headSize: text.head_dim ?? text.hidden_size / text.num_attention_heads,
        intermediateSize: text.intermediate_size,
        vocabularySize: text.vocab_size,
        ropeTheta: text.rope_theta ?? text.rope_parameters?.rope_theta ?? 1_000_000,
        mropeSection: mrope,
      },
    },
  };
}

/**
 * @param where its folder: absolute URL with a slash at its end, and its files if they are here
 * @throws ErgoError `manifest-invalid` as profileOf
 */
export function sourceOf(
  manifest: Manifest,
  where: Pick<ModelSource, 'baseUrl' | 'local'>,
): ModelSource {
  const { dtypes, files } = manifest;
  return { ...where, profile: profileOf(manifest), dtypes, files };
}

/** As the exporter sizes the decoder's rotary tables (training/export/decoder.py). */
function positionRows(stated = 0): number {
  return Math.min(Math.max(stated, 32_768), 131_072);
}

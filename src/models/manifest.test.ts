import { describe, expect, it } from 'vitest';
import { hasCode } from '../core/errors.ts';
import { filesOf, parseManifest, profileOf } from './manifest.ts';

const sha256 = 'a'.repeat(64);
const onnx = {
  vision_encoder: 'onnx/vision_encoder_q8.onnx',
  embed_tokens: 'onnx/embed_tokens_q8.onnx',
  decoder_model_merged: 'onnx/decoder_model_merged_q8.onnx',
};

/** A manifest as the exporter writes it for ergo-tiny. */
const example = {
  schema: 1,
  id: 'ergo-tiny',
  name: 'ERGO tiny',
  family: 'qwen2.5-vl',
  description: 'A small model.',
  licence: 'Apache-2.0',
  source: 'training/',
  architecture: {
    vision: {
      depth: 6,
      hidden_size: 192,
      num_heads: 3,
      intermediate_size: 512,
      out_hidden_size: 256,
      window_size: 112,
      fullatt_block_indexes: [],
      shifted_block_indexes: [1, 3, 5],
      position_table: { size: 512 },
    },
    text: {
      hidden_size: 256,
      num_hidden_layers: 6,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 64,
      intermediate_size: 768,
      vocab_size: 1024,
      rope_theta: 10000,
      rope_scaling: { type: 'mrope', mrope_section: [8, 12, 12] },
    },
    parameters: 9_000_000,
  },
  image: {
    patchSize: 14,
    mergeSize: 2,
    temporalPatchSize: 2,
    pixelsPerToken: 28,
    mean: [0.48, 0.46, 0.41],
    std: [0.27, 0.26, 0.28],
    minTokens: 4,
    maxTokens: 16384,
  },
  coordinates: 'absolute-coarse-pixels',
  budgets: { coarse: 144, crop: 100, fullResolution: 16384 },
  region: { minSide: 40 },
  prompts: {
    coarseToFine: { system: 'S', locate: '{question}\nWhere should I look?', answer: '{question}' },
    direct: { system: 'S', answer: '{question}\nAnswer at once.' },
  },
  stop: ['<|im_end|>', '<|endoftext|>'],
  maxNewTokens: 96,
  dtypes: { q8: { sessions: onnx, files: Object.values(onnx) } },
  files: [
    ...Object.values(onnx),
    'config.json',
    'tokenizer.json',
    'golden/golden.json',
    'model.safetensors',
  ].map((path) => ({ path, bytes: 10, sha256 })),
  metrics: {},
  golden: 'golden/golden.json',
};

describe('parseManifest', () => {
  it('reads a manifest and translates it to a profile', () => {
    const profile = profileOf(parseManifest(example));
    expect(profile.architecture.text.mropeSection).toEqual([8, 12, 12]);
    expect(profile.architecture.vision.fullAttentionBlocks).toEqual([]);
    expect(profile.stop[0]).toBe('<|im_end|>');
  });

  it('names the place of a problem', () => {
    const broken = { ...example, region: { minSide: -1 } };
    expect(() => parseManifest(broken)).toThrow(/region\.minSide/);
  });

  it('refuses a dtype whose files are not listed and paths that leave the folder', () => {
    expect(() => parseManifest({ ...example, files: example.files.slice(1) })).toThrow(
      /vision_encoder_q8\.onnx is not among the files/,
    );
    expect(() => parseManifest({ ...example, golden: '../x' })).toThrow(/golden/);
  });
});

describe('filesOf', () => {
  it('lists what a dtype needs and no more', () => {
    const paths = filesOf(parseManifest(example), 'q8').map((file) => file.path);
    expect(paths).toEqual([...Object.values(onnx), 'config.json', 'tokenizer.json']);
  });

  it('says that a dtype is unknown', () => {
    expect(() => filesOf(parseManifest(example), 'q4')).toThrow(
      expect.toSatisfy((error: unknown) => hasCode(error, 'model-unsupported')),
    );
  });
});

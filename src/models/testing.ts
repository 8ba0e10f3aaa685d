/** A small valid manifest for tests. */
import type { Manifest, ManifestFile } from './manifest.ts';

export function testManifest(
  files: readonly ManifestFile[],
  sessions: Manifest['dtypes'][string]['sessions'],
): Manifest {
  return {
    schema: 1,
    id: 'test',
    name: 'Test',
    family: 'qwen2.5-vl',
    description: '',
    licence: '',
    source: '',
    architecture: {
      vision: {
        depth: 1,
        hidden_size: 8,
        num_heads: 1,
        intermediate_size: 8,
        out_hidden_size: 8,
        window_size: 112,
        fullatt_block_indexes: [],
      },
      text: {
        hidden_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 1,
        num_key_value_heads: 1,
        intermediate_size: 8,
        vocab_size: 8,
        mrope_section: [2, 1, 1],
      },
      parameters: 1,
    },
    image: {
      patchSize: 14,
      mergeSize: 2,
      temporalPatchSize: 2,
      pixelsPerToken: 28,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      minTokens: 4,
      maxTokens: 16384,
    },
    coordinates: 'absolute-coarse-pixels',
    budgets: { coarse: 100, crop: 100, fullResolution: 16384 },
    region: { minSide: 40 },
    prompts: {
      coarseToFine: { system: 'S', locate: '{question}', answer: '{question}' },
      direct: { system: 'S', answer: '{question}' },
    },
    stop: ['<|im_end|>'],
    maxNewTokens: 8,
    dtypes: { q8: { sessions, files: Object.values(sessions) } },
    files: [...files],
    metrics: {},
    golden: null,
  };
}

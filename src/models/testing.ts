/** A small valid manifest for tests: `profileOf` makes TINY_PROFILE of it. */
import { TINY_PROFILE } from '../core/policies/testing/tiny-profile.ts';
import type { Manifest } from './manifest.ts';

export function testManifest(
  files: Manifest['files'],
  sessions: Manifest['dtypes'][string]['sessions'],
): Manifest {
  const { id, name, family, coordinates, budgets, region, maxNewTokens } = TINY_PROFILE;
  const { architecture, image, prompts, stop } = TINY_PROFILE;
  const { vision, text, parameters } = architecture;
  return {
    schema: 1,
    id,
    name,
    family,
    coordinates,
    budgets,
    region,
    maxNewTokens,
    description: '',
    licence: '',
    source: '',
    // As config.json names it.
    architecture: {
      vision: {
        depth: vision.depth,
        hidden_size: vision.hiddenSize,
        num_heads: vision.heads,
        intermediate_size: vision.intermediateSize,
        out_hidden_size: vision.outHiddenSize,
        window_size: vision.windowSize,
        fullatt_block_indexes: [...vision.fullAttentionBlocks],
      },
      text: {
        hidden_size: text.hiddenSize,
        num_hidden_layers: text.layers,
        num_attention_heads: text.heads,
        num_key_value_heads: text.keyValueHeads,
        head_dim: text.headSize,
        intermediate_size: text.intermediateSize,
        vocab_size: text.vocabularySize,
        rope_theta: text.ropeTheta,
        mrope_section: [...text.mropeSection],
        max_position_embeddings: TINY_PROFILE.contextTokens,
      },
      parameters,
    },
    image,
    prompts,
    stop: [...stop],
    dtypes: { q8: { sessions, files: Object.values(sessions) } },
    files: [...files],
    metrics: {},
    golden: null,
  };
}

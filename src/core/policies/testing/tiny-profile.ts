/** A profile in the shape of ergo-tiny's, for tests. */
import type { ModelProfile } from '../../contracts/profile.ts';

export const TINY_PROFILE: ModelProfile = {
  id: 'ergo-tiny',
  name: 'ergo-tiny',
  family: 'qwen2.5-vl',
  image: {
    patchSize: 14,
    mergeSize: 2,
    temporalPatchSize: 2,
    pixelsPerToken: 28,
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
    minTokens: 4,
    maxTokens: 16384,
  },
  coordinates: 'absolute-coarse-pixels',
  budgets: { coarse: 100, crop: 100, fullResolution: 16384 },
  region: { minSide: 40, margin: 0 },
  prompts: {
    coarseToFine: { system: 'S', locate: '{question} Where?', answer: '{question}' },
    direct: { system: 'S', answer: '{question} At once.' },
    onDemand: { system: 'S', first: '{question} Answer or ask.', second: '{question}' },
  },
  stop: ['<|im_end|>'],
  maxNewTokens: 200,
  architecture: {
    parameters: 9_000_000,
    vision: {
      depth: 6,
      hiddenSize: 192,
      heads: 3,
      intermediateSize: 512,
      outHiddenSize: 256,
      windowSize: 112,
      fullAttentionBlocks: [],
    },
    text: {
      layers: 6,
      hiddenSize: 256,
      heads: 4,
      keyValueHeads: 2,
      headSize: 64,
      intermediateSize: 768,
      vocabularySize: 1024,
      ropeTheta: 10000,
      mropeSection: [8, 12, 12],
    },
  },
};

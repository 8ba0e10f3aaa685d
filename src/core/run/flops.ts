/**
 * Estimated floating point operations of a run, from the architecture alone. A multiply-add counts
 * as two; norms, activations, rotations and softmax are left out (below 1 %).
 *
 * Vision, per patch: 2 (3 t p^2 h) for the embedding; per block 2 (4 h^2 + 3 h f) for the
 * projections and the gated MLP (2 h f for one without a gate) and 4 h k for attention to k patches, k being the whole view or a
 * window; per token 2 ((m^2 h)^2 + m^2 h o) for the merger.
 * Text, per token and layer: 2 (2 d a + 2 d v + 3 d f) and 4 a c for attention to c tokens, a and v
 * being heads and key-value heads times the head size; layers of linear attention count as others do,
 * without the part that grows with c; 2 d V wherever logits are computed, which is
 * once per prefill and once per generated token.
 */
import type { ImageRules, ModelProfile } from '../contracts/profile.ts';
import type { StageMeasure } from './events.ts';

export interface Flops {
  readonly vision: number;
  readonly prefill: number;
  readonly decode: number;
  readonly total: number;
}

type Shape = Pick<ModelProfile, 'architecture' | 'image'>;

/** @param tokens of one view */
export function visionFlops(tokens: number, { architecture, image }: Shape): number {
  const { depth, hiddenSize: h, intermediateSize, ...vision } = architecture.vision;
  const patches = tokens * image.mergeSize ** 2;
  const merged = image.mergeSize ** 2 * h;
  const perBlock = 2 * (4 * h * h + (vision.gatedMlp ? 3 : 2) * h * intermediateSize);
  const whole = vision.fullAttentionBlocks.length;
  const inWindow = Math.min(patches, patchesPerWindow(vision.windowSize, image));
  const attention = 4 * h * (whole * patches + (depth - whole) * inWindow);
  return (
    patches * (2 * valuesPerPatch(image) * h + depth * perBlock + attention) +
    tokens * 2 * (merged * merged + merged * vision.outHiddenSize)
  );
}

/**
 * @param tokens new ones, run together or one after another
 * @param past tokens in the cache before
 * @param logits how many of them get logits
 */
export function textFlops(
  tokens: number,
  past: number,
  logits: number,
  { architecture: { text } }: Shape,
): number {
  const attended = text.heads * text.headSize;
  const cached = text.keyValueHeads * text.headSize;
  const perToken =
    2 * text.hiddenSize * (2 * attended + 2 * cached + 3 * text.intermediateSize) * text.layers;
  // The i-th new token sees what was there, the new ones before it, and itself.
  const seen = tokens * past + (tokens * (tokens + 1)) / 2;
  return (
    tokens * perToken +
    4 * attended * seen * text.attentionLayers +
    2 * text.hiddenSize * text.vocabularySize * logits
  );
}

/** Of a whole run. A stage with several crops is counted as if they were one view. */
export function runFlops(stages: readonly StageMeasure[], shape: Shape): Flops {
  let vision = 0;
  let prefill = 0;
  let decode = 0;
  for (const { visionTokens, prefilled, reused, generatedTokens } of stages) {
    const context = prefilled + reused;
    if (visionTokens > 0) vision += visionFlops(visionTokens, shape);
    if (prefilled > 0) prefill += textFlops(prefilled, reused, 1, shape);
    // The last token is generated but need not be run.
    const run = Math.max(0, generatedTokens - 1);
    decode += textFlops(run, context, run, shape);
  }
  return { vision, prefill, decode, total: vision + prefill + decode };
}

function valuesPerPatch(image: ImageRules): number {
  return 3 * image.temporalPatchSize * image.patchSize ** 2;
}

function patchesPerWindow(windowSize: number, image: ImageRules): number {
  return (windowSize / image.patchSize) ** 2;
}

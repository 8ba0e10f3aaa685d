/** From logits to a token. */

export interface Candidate {
  readonly id: number;
  /** Natural logarithm, of the distribution before any temperature. */
  readonly logProbability: number;
}

export interface Choice extends Candidate {
  /** Most likely first; includes the chosen one. */
  readonly alternatives: readonly Candidate[];
}

export interface SamplingOptions {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Numbers in 0..1, for temperatures above 0. */
  readonly random: () => number;
  readonly alternatives: number;
}

/** @param logits [vocabulary] */
export function chooseToken(logits: Float32Array, options: SamplingOptions): Choice {
  const best = argmax(logits);
  const normaliser = logSumExp(logits, logits[best] ?? 0);
  const candidate = (id: number): Candidate => ({
    id,
    logProbability: (logits[id] ?? -Infinity) - normaliser,
  });
  const id = options.temperature > 0 ? sample(logits, best, options) : best;
  const ids = mostLikely(logits, options.alternatives);
  // The chosen one is always among them, in place of the least likely.
  if (ids.length > 0 && !ids.includes(id)) ids[ids.length - 1] = id;
  return { ...candidate(id), alternatives: ids.map(candidate) };
}

/** The first of the largest, like numpy's argmax. */
function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) {
    if ((logits[i] as number) > (logits[best] as number)) best = i;
  }
  return best;
}

function logSumExp(logits: Float32Array, max: number): number {
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - max);
  return max + Math.log(sum);
}

function sample(
  logits: Float32Array,
  best: number,
  { temperature, random }: SamplingOptions,
): number {
  const max = logits[best] ?? 0;
  const weights = Float64Array.from(logits, (value) => Math.exp((value - max) / temperature));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let id = 0; id < weights.length; id++) {
    left -= weights[id] as number;
    if (left <= 0) return id;
  }
  return best;
}

/** Insertion into a short list: one pass over a vocabulary of any size. */
function mostLikely(logits: Float32Array, count: number): number[] {
  const ids: number[] = [];
  if (count <= 0) return ids;
  for (let id = 0; id < logits.length; id++) {
    const value = logits[id] as number;
    const last = ids[ids.length - 1];
    if (ids.length === count && last !== undefined && value <= (logits[last] as number)) continue;
    let place = ids.length;
    while (place > 0 && value > (logits[ids[place - 1] as number] as number)) place--;
    ids.splice(place, 0, id);
    if (ids.length > count) ids.pop();
  }
  return ids;
}

/** mulberry32: small, seeded, good enough to draw tokens. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

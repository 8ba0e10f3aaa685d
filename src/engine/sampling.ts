/** From logits to a token. */
import { ErgoError } from '../core/errors.ts';
import { halfValues, type Floats } from './half.ts';

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

/** What a choice needs to know of a row of logits. */
interface Ranking {
  /** Most likely first, at least one; of equals the one of the smaller id. */
  readonly ids: readonly number[];
  /** Logarithm of the sum of all exponentials. */
  readonly normaliser: number;
  readonly at: (id: number) => number;
}

/**
 * @param logits [vocabulary]
 * @throws ErgoError `session-failed` if they are no numbers, as half precision makes them on some GPUs
 */
export function chooseToken(logits: Floats, options: SamplingOptions): Choice {
  const count = Math.max(1, options.alternatives);
  const ranking =
    logits instanceof Float32Array ? rankSingles(logits, count) : rankHalves(logits, count);
  const { normaliser, at } = ranking;
  checkNumbers(normaliser);
  const candidate = (id: number): Candidate => ({ id, logProbability: at(id) - normaliser });
  const [best = 0] = ranking.ids;
  const id = options.temperature > 0 ? sample(logits, best, at, options) : best;
  const ids = ranking.ids.slice(0, options.alternatives);
  // The chosen one is always among them, in place of the least likely.
  if (ids.length > 0 && !ids.includes(id)) ids[ids.length - 1] = id;
  return { ...candidate(id), alternatives: ids.map(candidate) };
}

/** @throws ErgoError `session-failed` for NaN and infinities */
export function checkNumbers(value: number): void {
  if (Number.isFinite(value)) return;
  throw new ErgoError('session-failed', 'The model computes no numbers on this device (NaN).');
}

function rankSingles(logits: Float32Array, count: number): Ranking {
  const ids = mostLikely(logits, count);
  const max = logits[ids[0] ?? 0] ?? NaN;
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - max);
  return { ids, normaliser: max + Math.log(sum), at: (id) => logits[id] ?? NaN };
}

/** Insertion into a short list: one pass over a vocabulary of any size. */
function mostLikely(logits: Float32Array, count: number): number[] {
  const ids: number[] = [];
  let least = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const value = logits[id] as number;
    if (ids.length === count && !(value > least)) continue;
    let place = ids.length;
    while (place > 0 && value > (logits[ids[place - 1] as number] as number)) place--;
    ids.splice(place, 0, id);
    if (ids.length > count) ids.pop();
    least = logits[ids.at(-1) ?? 0] as number;
  }
  return ids;
}

/**
 * Half precision has so few values that counting them is enough: one exponential for each that
 * occurs, and a threshold for the most likely, in place of a sum over the whole vocabulary.
 */
function rankHalves(logits: Uint16Array, count: number): Ranking {
  const values = halfValues();
  const counts = new Uint32Array(values.length);
  for (const bits of logits) counts[bits] = (counts[bits] as number) + 1;
  let max = -Infinity;
  let sum = 0;
  let above = 0;
  let threshold = -Infinity;
  for (const bits of descendingHalves()) {
    const occurs = counts[bits] as number;
    if (occurs === 0) continue;
    const value = values[bits] as number;
    if (above === 0) max = value;
    if (above < count) threshold = value;
    above += occurs;
    sum += occurs * Math.exp(value - max);
  }
  const ids: number[] = [];
  for (let id = 0; id < logits.length; id++) {
    if ((values[logits[id] as number] as number) >= threshold) ids.push(id);
  }
  const at = (id: number): number => values[logits[id] ?? 0x7e00] ?? NaN;
  ids.sort((a, b) => at(b) - at(a));
  const isWhole = above === logits.length;
  return { ids: ids.slice(0, count), normaliser: isWhole ? max + Math.log(sum) : NaN, at };
}

let descending: Uint16Array | undefined;

/** All patterns that are numbers, the largest first. */
function descendingHalves(): Uint16Array {
  if (descending) return descending;
  const values = halfValues();
  const patterns = Array.from(values.keys()).filter((bits) => !Number.isNaN(values[bits]));
  patterns.sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  descending = Uint16Array.from(patterns);
  return descending;
}

function sample(
  { length }: Floats,
  best: number,
  at: Ranking['at'],
  { temperature, random }: SamplingOptions,
): number {
  const max = at(best);
  const weights = Float64Array.from({ length }, (_, id) => Math.exp((at(id) - max) / temperature));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let id = 0; id < length; id++) {
    left -= weights[id] as number;
    if (left <= 0) return id;
  }
  return best;
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

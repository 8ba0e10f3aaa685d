/** Which items, and in which order the policies take them. */

/**
 * Every second item in reverse: each of two policies goes first equally often, so that what warms
 * up or slows down in between falls on both.
 */
export function policyOrder<P>(policies: readonly P[], index: number): readonly P[] {
  return index % 2 === 0 ? policies : policies.toReversed();
}

/**
 * The first `limit` items, of a shuffled copy if a seed is given (datasets are sorted by category).
 * The same seed gives the same items on every machine.
 */
export function chosenItems<T>(
  items: readonly T[],
  { limit, seed }: { readonly limit?: number | undefined; readonly seed?: number | undefined },
): readonly T[] {
  const all = seed === undefined ? items : shuffled(items, seed);
  return limit === undefined ? all : all.slice(0, limit);
}

/** A part of a benchmark that runs by itself, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * Items are dealt out like cards: item k (from 0) belongs to shard k mod count + 1. So shards are
 * disjoint, differ by one item at most, and share a category's items, which datasets keep together.
 */
export function shardOf<T>(items: readonly T[], { index, count }: Shard): readonly T[] {
  return items.filter((_, at) => at % count === index - 1);
}

/** The inverse of `shardOf`, of all shards in their order. */
export function unshard<T>(shards: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...shards.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) =>
    shards.flatMap((shard) => shard.slice(at, at + 1)),
  ).flat();
}

/** By a random key each. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = mulberry32(seed);
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** Small seeded generator (Tommy Ettinger, public domain): numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

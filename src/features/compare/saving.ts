/** How two ways of looking compare, in vision tokens. */

export interface Saving {
  /** How many times; null where that says nothing. */
  readonly factor: number | null;
  readonly words: string;
}

/** @param compared tokens of the baseline */
export function savingOf(tokens: number, compared: number): Saving {
  if (tokens === 0) {
    return { factor: null, words: 'No vision tokens: the first look was there already' };
  }
  if (tokens === compared)
    return { factor: null, words: 'As many vision tokens as full resolution' };
  return {
    factor: Math.max(compared, tokens) / Math.min(compared, tokens),
    // Two looks at a small picture cost more than one.
    words: `${tokens > compared ? 'more' : 'fewer'} vision tokens`,
  };
}

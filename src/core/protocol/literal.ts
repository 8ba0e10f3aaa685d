/**
 * Words of a person and of a dataset are never special tokens: "<|im_end|>" in a question must not
 * end the turn. Tokenizers find special tokens in all of a text, so a text is cut inside of those
 * that are only words, and its pieces are tokenised one by one. Text without such words stays whole,
 * as models saw it in training. Twin of `cut_words` in training/runtime/chat.py.
 */

export interface TextPiece {
  readonly text: string;
  /** Somebody's words; the rest is the app's own. */
  readonly isWords: boolean;
}

/**
 * @param specials texts of the tokenizer's special and added tokens; it takes the longest one that
 *   begins at a place. One of a single character cannot be cut.
 * @returns the pieces joined, and cut after the first character of every special token that is not
 *   the app's own to its last character
 */
export function cutWords(pieces: readonly TextPiece[], specials: readonly string[]): string[] {
  const text = pieces.map((piece) => piece.text).join('');
  const longestFirst = specials
    .filter((special) => special.length > firstLength(special))
    .toSorted((a, b) => b.length - a.length);
  const begins = new Set(longestFirst.map((special) => special[0]));
  const cuts = [0];
  for (let at = 0; at < text.length;) {
    const found = begins.has(text[at])
      ? longestFirst.find((special) => text.startsWith(special, at))
      : undefined;
    if (found === undefined) at += 1;
    else if (hasWords(pieces, at, at + found.length)) cuts.push((at += firstLength(found)));
    else at += found.length;
  }
  return cuts.map((cut, index) => text.slice(cut, cuts[index + 1])).filter(Boolean);
}

/** A character beyond the basic plane has two units. */
function firstLength(text: string): number {
  return (text.codePointAt(0) ?? 0) > 0xff_ff ? 2 : 1;
}

function hasWords(pieces: readonly TextPiece[], from: number, to: number): boolean {
  let start = 0;
  for (const { text, isWords } of pieces) {
    const end = start + text.length;
    if (isWords && start < to && end > from) return true;
    start = end;
  }
  return false;
}

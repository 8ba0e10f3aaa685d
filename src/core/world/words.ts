/** The words of a question, to be compared with those that a small model was taught. */

const WORD = /\p{L}+(?:'\p{L}+)?/gu;

/**
 * In lower case, once each and in order. Codes (capitals, digits) and the letters of options are
 * none, and a possessive counts as its word. Same as `words_of` of training/runtime/world.py.
 */
export function wordsOf(text: string): string[] {
  const found = text
    .replaceAll('’', "'")
    .match(WORD)
    ?.map((word) => (word.endsWith("'s") ? word.slice(0, -2) : word))
    .filter(isWord)
    .map((word) => word.toLowerCase());
  return [...new Set(found)];
}

function isWord(word: string): boolean {
  if (word.length === 1) return /^[aI]$/.test(word);
  return word !== word.toUpperCase() || word === word.toLowerCase();
}

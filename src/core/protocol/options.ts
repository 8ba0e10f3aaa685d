/**
 * Which option an answer names, and whether it is right. Twin of training/runtime/protocol.py;
 * ERGO's own scorer reads "A. red" as "Ared".
 */
import { letterOf } from './question.ts';

/** Trimmed, lower case, inner white space single, a final period dropped. */
export function normalise(answer: string): string {
  const words = answer.toLowerCase().split(/\s+/).filter(Boolean).join(' ');
  return words.endsWith('.') ? words.slice(0, -1).trimEnd() : words;
}

/**
 * The letter an answer stands for: "B", "(B)", "B.", "B. red", "(b) red", "B: red", or an option's
 * very text. Null if it names none or, by its text, several.
 */
export function chosenOption(answer: string, options: readonly string[]): string | null {
  const text = answer.trim();
  const letters = options.map((_, index) => letterOf(index)).join('');
  if (letters === '') return null;
  // A bare letter must end there: "A cat" is no choice of A, "A. cat" is.
  const leading = new RegExp(
    String.raw`^(?:\(([${letters}${letters.toLowerCase()}])\)|([${letters}])(?=$|\s*[.:)\n]))`,
  ).exec(text);
  const named = leading?.[1] ?? leading?.[2];
  if (named !== undefined) return named.toUpperCase();
  if (text.length === 1 && letters.includes(text.toUpperCase())) return text.toUpperCase();
  const wanted = normalise(text);
  const matches = options.flatMap((option, index) =>
    normalise(option) === wanted ? [letterOf(index)] : [],
  );
  return matches.length === 1 ? (matches[0] ?? null) : null;
}

/**
 * Multiple choice: the chosen letter is the label's. Free answers: equal after `normalise`.
 * @param label "B", "(B)", "B. red", or the right answer's text; one that names no option is matched
 *   by none
 */
export function isCorrect(answer: string, label: string, options: readonly string[]): boolean {
  if (options.length === 0) return normalise(answer) === normalise(label);
  const right = chosenOption(label, options);
  return right !== null && chosenOption(answer, options) === right;
}

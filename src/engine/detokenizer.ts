/** Text of tokens as they come. A character may take several tokens, a token several characters. */
import type { Tokenizer } from './tokenizer.ts';

/** What a decoder writes for bytes that are no (or not yet a) character. */
const INCOMPLETE = /\uFFFD+$/;

export interface Detokenizer {
  /** @returns the text that became certain */
  push(id: number): string;
  /** @returns what is left when no more tokens come */
  flush(): string;
}

/** The pieces together are exactly the decoding of all ids. */
export function createDetokenizer(tokenizer: Tokenizer): Detokenizer {
  // Ids since the last point where everything was certain, and how much of them has been given.
  let open: number[] = [];
  let given = 0;
  const take = (text: string): string => {
    const fresh = text.slice(given);
    given = Math.max(given, text.length);
    return fresh;
  };
  return {
    push(id) {
      open.push(id);
      const text = tokenizer.decode(open);
      const certain = text.replace(INCOMPLETE, '');
      const fresh = take(certain);
      if (certain.length === text.length) {
        open = [];
        given = 0;
      }
      return fresh;
    },
    flush() {
      const fresh = take(tokenizer.decode(open));
      open = [];
      given = 0;
      return fresh;
    },
  };
}

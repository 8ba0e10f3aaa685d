/** A conversation as the text that the library's tokenizer takes, one placeholder per vision token. */
import type { EncodedPicture, Part } from '../core/contracts/model.ts';

export interface Conversation {
  readonly prompt: string;
  /** In the order in which they stand in the prompt. */
  readonly pictures: readonly EncodedPicture[];
}

export const NOTHING: Conversation = { prompt: '', pictures: [] };

/**
 * The conversation with more parts at its end; the one given stays as it is.
 * @param turnEnd text of the token that closes a turn
 */
export function withParts(
  before: Conversation,
  parts: readonly Part[],
  turnEnd: string,
): Conversation {
  let { prompt } = before;
  const pictures = [...before.pictures];
  for (const part of parts) {
    if (part.type === 'text') prompt += part.text;
    else if (part.type === 'words') prompt += spaced(part.text);
    else if (part.type === 'picture') {
      prompt += placeholder(part.picture.size.tokens);
      pictures.push(part.picture);
    } else if (!prompt.endsWith(turnEnd)) prompt += turnEnd;
  }
  return { prompt, pictures };
}

/** The library finds special tokens in all of a text: words that spell one get a space in it. */
function spaced(words: string): string {
  return words.replaceAll(/<(?=[|/\w])/g, '< ');
}

/** What Qwen2_5_VLProcessor writes for a picture; it cannot take several of different sizes. */
function placeholder(tokens: number): string {
  return `<|vision_start|>${'<|image_pad|>'.repeat(tokens)}<|vision_end|>`;
}

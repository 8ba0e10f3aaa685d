/** Parts of a conversation as the tokens and image features that the decoder runs. */
import type { EncodedPicture, Part } from '../core/contracts/model.ts';
import { ErgoError } from '../core/errors.ts';
import { cutWords, type TextPiece } from '../core/protocol/literal.ts';
import type { Segment } from './decoder.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Tokens around a picture in the Qwen2-VL families. */
const PICTURE_START = '<|vision_start|>';
const PICTURE_END = '<|vision_end|>';

export interface PromptParts {
  readonly tokenizer: Tokenizer;
  /** The token that closes a turn. */
  readonly turnEnd: string;
  /** @throws ErgoError `bad-request` for a picture that was released */
  readonly pictureOf: (picture: EncodedPicture) => Extract<Segment, { kind: 'picture' }>;
}

/**
 * Neighbouring texts are tokenised as one, as the model saw them in training.
 * @param lastId last token of the context; decides whether a `turn-end` is still needed
 */
export function layOut(
  parts: readonly Part[],
  { tokenizer, turnEnd, pictureOf }: PromptParts,
  lastId: number | null,
): Segment[] {
  const turnEndId = requiredId(tokenizer, turnEnd);
  const segments: Segment[] = [];
  let pieces: TextPiece[] = [];
  let last = lastId;
  const add = (text: string, isWords = false): void => void pieces.push({ text, isWords });
  const flush = (): void => {
    const ids = cutWords(pieces, tokenizer.specials).flatMap((text) => tokenizer.encode(text));
    pieces = [];
    if (ids.length === 0) return;
    segments.push({ kind: 'text', ids });
    last = ids.at(-1) ?? null;
  };
  for (const part of parts) {
    if (part.type === 'text') add(part.text);
    else if (part.type === 'words') add(part.text, true);
    else if (part.type === 'picture') {
      add(PICTURE_START);
      flush();
      segments.push(pictureOf(part.picture));
      add(PICTURE_END);
    } else {
      flush();
      if (last !== turnEndId) add(turnEnd);
    }
  }
  flush();
  return segments;
}

/** @throws ErgoError `model-unsupported` if the text is no single token of this model */
export function requiredId(tokenizer: Tokenizer, token: string): number {
  const id = tokenizer.idOf(token);
  if (id === null) {
    throw new ErgoError('model-unsupported', `The model's tokenizer does not know ${token}.`);
  }
  return id;
}

/** Tokens of what a person wrote. */
export function wordCount(parts: readonly Part[], tokenizer: Tokenizer): number {
  const pieces = parts.flatMap((part) =>
    part.type === 'words' ? [{ text: part.text, isWords: true }] : [],
  );
  const texts = cutWords(pieces, tokenizer.specials);
  return texts.reduce((sum, text) => sum + tokenizer.encode(text).length, 0);
}

export function tokenCount(segments: readonly Segment[]): number {
  return segments.reduce(
    (sum, segment) =>
      sum +
      (segment.kind === 'text' ? segment.ids.length : segment.grid.rows * segment.grid.columns),
    0,
  );
}

/**
 * The layout of a conversation, as parts of a context. Pictures come first in every user turn.
 * Same text as `Session` of training/runtime/policies.py and Qwen2.5-VL's chat template.
 */
import type { EncodedPicture, Part } from '../contracts/model.ts';

/** The system turn and the start of the first user turn, up to and including its pictures. */
export function opening(system: string, pictures: readonly EncodedPicture[]): Part[] {
  return [
    text(`<|im_start|>system\n${system}<|im_end|>\n<|im_start|>user\n`),
    ...pictures.map(pictured),
  ];
}

/** Ends the model's turn and begins another one of the user, up to and including its pictures. */
export function nextTurn(pictures: readonly EncodedPicture[]): Part[] {
  return [{ type: 'turn-end' }, text('\n<|im_start|>user\n'), ...pictures.map(pictured)];
}

/** The user's words and the start of the model's turn. */
export function asking(words: string): Part[] {
  return [text(`${words}<|im_end|>\n<|im_start|>assistant\n`)];
}

function text(value: string): Part {
  return { type: 'text', text: value };
}

function pictured(picture: EncodedPicture): Part {
  return { type: 'picture', picture };
}

/**
 * The layout of a conversation, as parts of a context: what the family's chat template would write,
 * token by token, also where a later look goes on from an earlier one. Pictures come first in every
 * user turn. Twin of training/runtime/chat.py; cases.json holds both to the same text.
 */
import type { EncodedPicture, Part } from '../contracts/model.ts';
import type { ChatRules } from '../contracts/profile.ts';

/**
 * The system turn, if there is one, and the start of the first user turn, up to and including its
 * pictures.
 * @param system '' is none; the template's default then takes its place
 */
export function opening(
  { defaultSystem }: ChatRules,
  system: string,
  pictures: readonly EncodedPicture[],
): Part[] {
  const told = system === '' ? defaultSystem : system;
  const turn = told === null ? '' : `<|im_start|>system\n${told}<|im_end|>\n`;
  return [text(`${turn}<|im_start|>user\n`), ...pictures.map(pictured)];
}

/** The user's words and the start of the model's turn. */
export function asking({ replyPrefix }: ChatRules, words: readonly Part[]): Part[] {
  return [...words, text(`<|im_end|>\n<|im_start|>assistant\n${replyPrefix}`)];
}

/** Ends the model's turn, and asks again with further pictures. */
export function askingAgain(
  chat: ChatRules,
  pictures: readonly EncodedPicture[],
  words: readonly Part[],
): Part[] {
  const isTool = chat.laterLook === 'tool-response';
  const begin = isTool ? '\n<|im_start|>user\n<tool_response>\n' : '\n<|im_start|>user\n';
  const said = isTool ? [...words, text('\n</tool_response>')] : words;
  return [{ type: 'turn-end' }, text(begin), ...pictures.map(pictured), ...asking(chat, said)];
}

function text(value: string): Part {
  return { type: 'text', text: value };
}

function pictured(picture: EncodedPicture): Part {
  return { type: 'picture', picture };
}

/**
 * What a model says back, but for boxes (boxes.ts). Every reader takes the text so far and may be called while the model is
 * still writing; each is a twin of the function of that name in training/runtime/protocol.py, and
 * cases.json holds both to the same results.
 */
import type { Corners } from '../geometry/frames.ts';
import { parseBoxes } from './boxes.ts';

const CROPS = /GET_CROPS\s*:?\s*[[(]?([^\])\n<]*)/i;
/** A tag whose end has not been written yet. */
const CUT_TAG = /<\/?[a-z]*$/;

/** Crops that a model may ask for by name (AwaRes, arXiv 2603.16932): x1, y1, x2, y2 in 0..1. */
export const CROPS_BY_NAME: ReadonlyMap<string, Corners> = new Map([
  ['0', [0, 0, 0.5, 0.5]],
  ['1', [0.5, 0, 1, 0.5]],
  ['2', [0, 0.5, 0.5, 1]],
  ['3', [0.5, 0.5, 1, 1]],
  ['4', [0.25, 0.25, 0.75, 0.75]],
  ['5', [0, 0, 1, 0.5]],
  ['6', [0, 0.5, 1, 1]],
  ['7', [0, 0, 0.5, 1]],
  ['8', [0.5, 0, 1, 1]],
  ['all', [0, 0, 1, 1]],
]);

/**
 * Names of the crops asked for, in order, once each; null if the text asks for none.
 * `GET_CROPS: ['3']`, `GET_CROPS:["0","5"]`, `get_crops 0, 5` and `GET_CROPS: ['all']` all count.
 */
export function parseCrops(text: string): readonly string[] | null {
  const list = CROPS.exec(text)?.[1];
  if (list === undefined) return null;
  const names = [...list.matchAll(/all|\d+/gi)].map(([name]) => name.toLowerCase());
  const known = [...new Set(names)].filter((name) => CROPS_BY_NAME.has(name));
  return known.length > 0 ? known : null;
}

export interface AnswerText {
  readonly text: string;
  /** False if there is no `<answer>`: then it is what follows the thought. */
  readonly tagged: boolean;
}

/** The text between the last `<answer>` and its end, trimmed. */
export function parseAnswer(text: string): AnswerText {
  const start = text.lastIndexOf('<answer>');
  if (start >= 0) {
    const [inner = ''] = text.slice(start + '<answer>'.length).split('</answer>');
    return { text: inner.replace(CUT_TAG, '').trim(), tagged: true };
  }
  return { text: (text.split(/<\/?think>/).at(-1) ?? '').trim(), tagged: false };
}

/**
 * Is this an answer where a region was asked for? Not if it names a box or began to, calls a tool, or
 * says nothing behind its thought.
 */
export function isAnswer(text: string): boolean {
  const said = parseAnswer(text).text;
  return said !== '' && parseBoxes(text) === null && !/^[[{(]|```|bbox|<\w|<\|/.test(said);
}

/** What stands in the first `<think>`, up to its end or the next tag; trimmed, empty if none. */
export function parseThinking(text: string): string {
  const start = text.indexOf('<think>');
  if (start < 0) return '';
  const [inner = ''] = text.slice(start + '<think>'.length).split(/<\/think>|<zoom>|<answer>/);
  return inner.replace(CUT_TAG, '').trim();
}

/** Questions and their options: text of the V* layout in, prompts of a manifest out. */

import type { Part } from '../contracts/model.ts';

export interface Question {
  /** Without its options. */
  readonly question: string;
  /** In the order of their letters; empty for a free question. */
  readonly options: readonly string[];
}

const A = 65;
const OPTION = /^\(([A-Z])\)\s*(.*)$/;
/** "Answer with the option's letter from the given choices directly." and its like. */
const INSTRUCTION = /\b(?:answer|select|choose|respond|reply)\b.*\b(?:letter|option|choice)s?\b/i;

/**
 * Question and options of a text in V* layout: lines of a question, "(A) ..." lines in any order,
 * and a closing instruction, which is dropped; other lines belong to the question. Letters count,
 * not places: "(B) x" before "(A) y" makes y the first option. Letters that leave one out or come
 * twice are no options, and such a text, as one without any, is a free question and stays whole.
 * Same rule as `split_text` of training/runtime/dataset.py.
 */
export function splitQuestion(text: string): Question {
  const lines = text.trim().split(/\r\n|\r|\n/);
  const options: string[] = [];
  const rest: string[] = [];
  let lettered = 0;
  for (const line of lines) {
    const [, letter, option = ''] = OPTION.exec(line.trim()) ?? [];
    if (letter !== undefined) {
      lettered += 1;
      options[(letter.codePointAt(0) ?? 0) - A] = option.trim();
    } else if (lettered === 0 || !INSTRUCTION.test(line)) rest.push(line);
  }
  // A letter that is left out leaves a hole, one that comes twice a shorter list.
  const filled = Object.keys(options).length;
  const isWhole = lettered > 0 && filled === lettered && filled === options.length;
  if (!isWhole) return { question: lines.join('\n').trim(), options: [] };
  return { question: rest.join('\n').trim(), options };
}

/** The question with its options, one a line: "(A) red". */
export function withOptions({ question, options }: Question): string {
  const lettered = options.map((option, index) => `(${letterOf(index)}) ${option}`);
  return [question, ...lettered].join('\n');
}

/** 0 is A. */
export function letterOf(index: number): string {
  return String.fromCodePoint(A + index);
}

/** Puts a question into a template: the template is the app's own, the question somebody's words. */
export function fillPrompt(template: string, question: string): Part[] {
  return template.split('{question}').flatMap((text, index): Part[] => {
    const own: Part[] = text === '' ? [] : [{ type: 'text', text }];
    return index === 0 ? own : [{ type: 'words', text: question }, ...own];
  });
}

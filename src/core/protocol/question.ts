/** Questions and their options: text of the V* layout in, prompts of a manifest out. */

import type { Part } from '../contracts/model.ts';

export interface Question {
  /** Without its options. */
  readonly question: string;
  /** In the order of their letters; empty for a free question. */
  readonly options: readonly string[];
}

const OPTION = /^\(([A-Z])\)\s*(.*)$/;

/**
 * Question and options of a text in V* layout: a first line, then "(A) ..." lines; the closing
 * "Answer with the option's letter ..." is dropped. A text without options is a free question and
 * stays whole. Same rule as `split_text` of training/runtime/dataset.py.
 */
export function splitQuestion(text: string): Question {
  const lines = text.trim().split(/\r\n|\r|\n/);
  const options: string[] = [];
  const rest: string[] = [];
  for (const line of lines) {
    const found = OPTION.exec(line.trim());
    if (found) options.push((found[2] ?? '').trim());
    else rest.push(line);
  }
  if (options.length === 0) return { question: rest.join('\n').trim(), options };
  return { question: (rest[0] ?? '').trim(), options };
}

/** The question with its options, one a line: "(A) red". */
export function withOptions({ question, options }: Question): string {
  const lettered = options.map((option, index) => `(${letterOf(index)}) ${option}`);
  return [question, ...lettered].join('\n');
}

/** 0 is A. */
export function letterOf(index: number): string {
  return String.fromCodePoint(65 + index);
}

/** Puts a question into a template: the template is the app's own, the question somebody's words. */
export function fillPrompt(template: string, question: string): Part[] {
  return template.split('{question}').flatMap((text, index): Part[] => {
    const own: Part[] = text === '' ? [] : [{ type: 'text', text }];
    return index === 0 ? own : [{ type: 'words', text: question }, ...own];
  });
}

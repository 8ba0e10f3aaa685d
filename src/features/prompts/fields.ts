/** The prompts of a model as fields of a form, and back. */
import type { Prompts } from '../../core/contracts/profile.ts';
import { problemOf } from '../../core/protocol/placeholder.ts';
import type { PromptChanges } from '../../core/protocol/prompts.ts';

export interface PromptField {
  /** "coarseToFine.locate" */
  readonly key: string;
  readonly label: string;
  /** Holds a question; a system prompt does not, and may be empty. */
  readonly asks: boolean;
}

const WAYS: Readonly<Record<string, string>> = {
  coarseToFine: 'Two looks',
  direct: 'One look',
  onDemand: 'As the model decides',
  search: 'Search',
};
const PARTS: Readonly<Record<string, string>> = {
  system: 'system prompt',
  locate: 'first look, names a region',
  answer: 'the answer',
  first: 'first look',
  second: 'after the crops',
  again: 'a further look',
  last: 'no more looks',
};

/** Only the ways that the model was taught. */
export function fieldsOf(prompts: Prompts): PromptField[] {
  return Object.keys(flat(prompts)).map((key) => {
    const [way = '', part = ''] = key.split('.');
    return { key, label: `${WAYS[way] ?? way}: ${PARTS[part] ?? part}`, asks: part !== 'system' };
  });
}

/** By the keys of the fields. */
export function flat(prompts: Prompts): Record<string, string> {
  const ways = Object.entries(prompts) as [string, Record<string, string> | undefined][];
  return Object.fromEntries(
    ways.flatMap(([way, parts = {}]) =>
      Object.entries(parts).map(([part, text]) => [`${way}.${part}`, text] as const),
    ),
  );
}

/** What differs from the model's own; null if nothing does. */
export function changesOf(
  texts: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): PromptChanges | null {
  const changes: Record<string, Record<string, string>> = {};
  for (const [key, text] of Object.entries(texts)) {
    const [way = '', part = ''] = key.split('.');
    if (text !== own[key]) changes[way] = { ...changes[way], [part]: text };
  }
  return Object.keys(changes).length > 0 ? changes : null;
}

export function problemIn({ asks }: PromptField, text: string): string | null {
  return asks ? problemOf(text) : null;
}

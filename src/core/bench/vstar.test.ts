import { describe, expect, it } from 'vitest';
import { hasCode } from '../errors.ts';
import { readVstar, readVstarBoxes, VSTAR_QUESTIONS, vstarBoxesPath } from './vstar.ts';

const TEXT = [
  'What is the colour of the glove?',
  '(A) rubber',
  '(B) cotton',
  "Answer with the option's letter from the given choices directly.",
].join('\n');

const row = (id: number, text: string, label: string): string =>
  JSON.stringify({ image: 'a/b.c.jpg', text, category: 'a', question_id: id, label });

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

it('holds a label to the options, and sets aside a question whose label fits none', () => {
  const text = 'What?\n(A) red\n(B) blue';
  const lineOf = (label: unknown) =>
    JSON.stringify({ image: 'a.jpg', text, question_id: 1, label });
  const labelled = (label: unknown) => readVstar(lineOf(label)).items[0]?.label;
  expect(['B', '(B)', 'B. blue', 'blue', 1].map(labelled)).toEqual([
    'B',
    '(B)',
    'B. blue',
    'blue',
    'B',
  ]);
  for (const label of ['C', 'green', '1', 2]) {
    expect(() => labelled(label)).toThrow(/line 1: the label .* is none of the options/);
  }
  const { items, refused } = readVstar(['A', 'C', 'green', 'B'].map(lineOf).join('\n'));
  expect(items.map(({ label }) => label)).toEqual(['A', 'B']);
  expect(refused).toEqual([
    `${VSTAR_QUESTIONS}, line 2: the label "C" is none of the options (red, blue).`,
    `${VSTAR_QUESTIONS}, line 3: the label "green" is none of the options (red, blue).`,
  ]);
});

describe('the V* layout', () => {
  it('reads questions with and without options', () => {
    const { items } = readVstar(`${row(0, TEXT, 'B')}\r\n\n${row(1, 'Read the tag.', 'KR47')}\n`);
    expect(items).toEqual([
      {
        id: '0',
        image: 'a/b.c.jpg',
        text: TEXT,
        options: ['rubber', 'cotton'],
        label: 'B',
        category: 'a',
        boxes: [],
      },
      expect.objectContaining({ id: '1', options: [], label: 'KR47' }),
    ]);
  });

  it('keeps ids apart', () => {
    const { items } = readVstar([row(3, 'x', 'y'), row(3, 'x', 'y')].join('\n'));
    expect(items.map(({ id }) => id)).toEqual(['3', '3#2']);
  });

  it('finds the boxes beside a picture', () => {
    expect(vstarBoxesPath('a/b.c.jpg')).toBe('a/b.c.json');
    expect(vstarBoxesPath('a.b/c')).toBe('a.b/c.json');
    const text = '{"target_object":["glove"],"bbox":[[1,2,3.5,4]],"question":"","options":[""]}';
    expect(readVstarBoxes(text, 'x')).toEqual([[1, 2, 3.5, 4]]);
    expect(readVstarBoxes('{}', 'x')).toEqual([]);
  });

  it.each(['', 'no json', `${row(0, 'x', 'y')}\n{"image":"a"}`])('refuses %j', (text) => {
    expect(
      hasCode(
        thrownBy(() => readVstar(text)),
        'dataset-unreadable',
      ),
    ).toBe(true);
  });

  it('says which line is at fault', () => {
    expect(() => readVstar(`${row(0, 'x', 'y')}\n{"image":"a"}`)).toThrow('line 2');
    expect(() => readVstarBoxes('{"bbox":[[1,2]]}', 'a.json')).toThrow('a.json');
  });
});

import { describe, expect, it } from 'vitest';
import type { EncodedPicture, Part } from '../contracts/model.ts';
import type { ChatRules } from '../contracts/profile.ts';
import {
  fitsConvention,
  fromModelCorners,
  type CoordinateConvention,
  type Corners,
} from '../geometry/frames.ts';
import { repairRegion } from '../geometry/region.ts';
import { fillBudget, nativeTokens, smartResize } from '../geometry/resize.ts';
import { parseBoxes } from './boxes.ts';
import cases from './cases.json';
import { asking, askingAgain, opening } from './chat.ts';
import { cutWords } from './literal.ts';
import { liveBox, readZoom } from './live-zoom.ts';
import { chosenOption, isCorrect } from './options.ts';
import { fillPrompt, splitQuestion, withOptions } from './question.ts';
import { parseAnswer, parseCrops, parseThinking } from './reply.ts';

const words = (text: string): Part[] => [{ type: 'words', text }];
const own = (text: string): Part => ({ type: 'text', text });

const spelled = (parts: readonly Part[]) =>
  parts
    .map((part) => {
      if (part.type === 'turn-end') return '<|im_end|>';
      if (part.type === 'picture') return '<|vision_start|><|image_pad|><|vision_end|>';
      return part.text;
    })
    .join('');

const sides = (shown: { width: number; height: number }) => [shown.width, shown.height];

// training/tests/test_twins.py reads the same cases.
describe('what Python says too', () => {
  it.each(cases.zoom)('reads the box of "$text"', ({ text, corners }) => {
    expect(parseBoxes(text)?.corners ?? null).toEqual(corners);
  });
  it.each(cases.boxes)('reads the boxes of "$text"', ({ text, corners, boxes }) => {
    const found = parseBoxes(text);
    expect(found?.corners ?? null).toEqual(corners);
    expect(found?.boxes ?? 0).toBe(boxes);
  });
  it.each(cases.chats)('lays out a conversation of $family', ({ rules, system, first, second }) => {
    const chat = rules as ChatRules;
    const picture = { id: 'p' } as unknown as EncodedPicture;
    const begun = [...opening(chat, system, [picture]), ...asking(chat, words('What is it?'))];
    expect(spelled(begun)).toBe(first);
    const again = askingAgain(chat, [picture], words('Look closely.'));
    expect(`${first}{"bbox_2d": [1, 2, 3, 4]}${spelled(again)}`).toBe(second);
  });
  it.each(cases.words.cases)('cuts words that spell a special token: $cut', ({ pieces, cut }) => {
    const told = pieces.map(([kind, text = '']) => ({ text, isWords: kind === 'words' }));
    expect(cutWords(told, cases.words.specials)).toEqual(cut);
  });
  it.each(cases.conventions)('takes $corners in $convention', ({ corners, convention, box }) => {
    const four = corners as unknown as Corners;
    const units = convention as CoordinateConvention;
    const [width = 0, height = 0] = cases.regions.size;
    const found = fitsConvention(four, units)
      ? fromModelCorners(four, units, { width, height })
      : null;
    expect(found && [found.x, found.y, found.x + found.width, found.y + found.height]).toEqual(box);
  });
  it.each(cases.crops)('reads the crops of "$text"', ({ text, names }) => {
    expect(parseCrops(text)).toEqual(names);
  });
  it.each(cases.answers)('reads the answer of "$text"', ({ text, answer }) => {
    expect(parseAnswer(text).text).toBe(answer);
  });
  it.each(cases.options.choices)('scores "$answer"', ({ answer, letter }) => {
    expect(chosenOption(answer, cases.options.options)).toBe(letter);
  });
  it.each(cases.options.labels)('holds "$answer" to the label "$label"', (one) => {
    expect(isCorrect(one.answer, one.label, cases.options.options)).toBe(one.right);
  });
  it.each(cases.questions)('splits "$text"', ({ text, question, options }) => {
    expect(splitQuestion(text)).toEqual({ question, options });
  });
  it.each(cases.regions.repairs)('repairs $corners', ({ corners, margin = 0, region, repairs }) => {
    const [x = 0, y = 0, x2 = 0, y2 = 0] = corners;
    const [width = 0, height = 0] = cases.regions.size;
    const raw = { frame: 'coarse', x, y, width: x2 - x, height: y2 - y } as const;
    const { minSide } = cases.regions;
    const outcome = repairRegion(raw, { width, height }, { minSide, margin });
    const box = outcome.usable ? outcome.region : null;
    expect(box && [box.x, box.y, box.x + box.width, box.y + box.height]).toEqual(region);
    expect(outcome.usable ? outcome.repairs : []).toEqual(repairs);
  });
  it.each(cases.sizes)(
    'fits $size into $budget tokens',
    ({ size, budget, native, smart, fill }) => {
      const [width = 0, height = 0] = size;
      const picture = { width, height };
      const limits = { pixelsPerToken: 28, minTokens: 4, maxTokens: budget };
      expect(nativeTokens(picture, 28)).toBe(native);
      expect(sides(smartResize(picture, limits))).toEqual(smart);
      expect(sides(fillBudget(picture, { pixelsPerToken: 28, budget }))).toEqual(fill);
    },
  );
});

describe('replies', () => {
  it('shows thoughts and answers while they are being written, without half a tag', () => {
    expect(parseThinking('<think>the dog is')).toBe('the dog is');
    expect(parseThinking('<think>the dog is left</thi')).toBe('the dog is left');
    expect(parseThinking('<think>the dog</think><answer>B')).toBe('the dog');
    expect(parseThinking('no thought')).toBe('');
    expect(parseAnswer('<answer>KR4</ans')).toEqual({ text: 'KR4', tagged: true });
  });
});

describe('several places', () => {
  it.each([
    ['<zoom>[1, 2, 3, 4]</zoom><zoom>[5, 6, 7, 8]</zoom>', 2],
    ['<zoom>[1, 2, 3, 4]</zoom><zoom>[1, 2, 3, 4]</zoom>', 1],
    ['<zoom>[1, 2, 3, 4], [5, 6, 7, 8]</zoom>', 1],
    ['[{"bbox_2d": [1, 2, 3, 4]}, {"bbox_2d": [5, 6, 7, 8]}]', 2],
    ['[1, 2, 3, 4] or [5, 6, 7, 8]', 1],
  ])('are told apart in %s', (text, places) => {
    expect(parseBoxes(text)?.places).toHaveLength(places);
  });
});

describe('boxes that are being written', () => {
  const size = { width: 280, height: 280 };
  const drawn = (text: string) => {
    const box = liveBox(readZoom(text), 'absolute-coarse-pixels', size);
    return box && [box.x, box.y, box.width, box.height];
  };

  it('grow with every digit and never run backwards', () => {
    expect(readZoom('<zoom>')).toBeNull();
    expect(readZoom('<zoom>[10, 2')).toEqual({ known: [10], growing: 2 });
    expect(drawn('<zoom>[10, 20')).toBeNull();
    expect(drawn('<zoom>[10, 20,')).toEqual([10, 20, 0, 0]);
    expect(drawn('<zoom>[10, 20, 1')).toEqual([10, 20, 0, 0]);
    expect(drawn('<zoom>[10, 20, 110, ')).toEqual([10, 20, 100, 0]);
    expect(drawn('<zoom>[10, 20, 110, 9')).toEqual([10, 20, 100, 0]);
    expect(drawn('<zoom>[10, 20, 110, 90')).toEqual([10, 20, 100, 70]);
    expect(drawn('<zoom>[10, 20, 110, 90]')).toEqual([10, 20, 100, 70]);
  });

  it('are read in every way of writing that has a beginning of its own', () => {
    for (const begun of ['{"bbox_2d": [', '<|box_start|>(', '<parameter=bbox_2d>\n[', '<box>(']) {
      expect(readZoom(`${begun}10, 20, 1`)).toEqual({ known: [10, 20], growing: 1 });
    }
    expect(readZoom('<box>(10,20),(30,4')).toEqual({ known: [10, 20, 30], growing: 4 });
    expect(readZoom('{"bbox_2d": [10, 20, 30, 40], "la')?.known).toEqual([10, 20, 30, 40]);
    expect(readZoom('a list [10, 20')).toBeNull();
  });

  it('stop at what is no number', () => {
    expect(readZoom('<zoom>[10, here')).toEqual({ known: [10], growing: null });
    expect(readZoom('<zoom>[10, 20]</zoom>')).toEqual({ known: [10, 20], growing: null });
  });
});

describe('questions', () => {
  it('are put into prompts as somebody’s words', () => {
    const question = { type: 'words', text: 'Is it $& or $1?' };
    expect(fillPrompt('{question}\nWhere?', question.text)).toEqual([question, own('\nWhere?')]);
    expect(fillPrompt('{question}{question}', question.text)).toEqual([question, question]);
    expect(fillPrompt('Look.', question.text)).toEqual([own('Look.')]);
  });

  it('carry their options, one a line', () => {
    expect(withOptions({ question: 'What?', options: ['a', 'b'] })).toBe('What?\n(A) a\n(B) b');
    expect(withOptions({ question: 'What?', options: [] })).toBe('What?');
  });

  it('are scored by letter, or by their text where they are free', () => {
    expect(isCorrect('(A)', ' (a) ', ['x', 'y'])).toBe(true);
    expect(isCorrect(' kr47. ', 'KR47', [])).toBe(true);
    expect(isCorrect('KR4', 'KR47', [])).toBe(false);
  });
});

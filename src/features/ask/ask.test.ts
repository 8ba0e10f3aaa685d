import { describe, expect, it } from 'vitest';
import { drawn, middle, moveBy, resizeBy } from './region-edit.ts';
import { readSamples } from './samples.ts';
import { readWritten } from './thinking.ts';

const limits = { picture: { width: 280, height: 196 }, minSide: 40 };
const region = { frame: 'coarse', x: 100, y: 80, width: 60, height: 50 } as const;

describe('a region under a hand', () => {
  it('stays inside when it is moved', () => {
    expect(moveBy(region, 500, -500, limits)).toMatchObject({
      x: 220,
      y: 0,
      width: 60,
      height: 50,
    });
  });

  it('keeps the opposite corner when it is resized', () => {
    expect(resizeBy(region, 'nw', -20, 5, limits)).toMatchObject({
      x: 80,
      y: 85,
      width: 80,
      height: 45,
    });
    expect(resizeBy(region, 'se', 500, 500, limits)).toMatchObject({
      x: 100,
      width: 180,
      height: 116,
    });
  });

  it('never gets smaller than the least side', () => {
    expect(resizeBy(region, 'se', -500, -500, limits)).toMatchObject({ width: 40, height: 40 });
    expect(resizeBy(region, 'nw', 500, 500, limits)).toMatchObject({ x: 120, y: 90, width: 40 });
    expect(drawn({ x: 279, y: 195 }, { x: 278, y: 190 }, limits)).toMatchObject({ x: 240, y: 156 });
  });

  it('starts in the middle', () => {
    expect(middle(limits).x).toBeCloseTo(280 / 3);
  });
});

describe('what a model wrote', () => {
  it('shows the thought while it is written, without half a tag', () => {
    expect(readWritten('<think>the dog is left</thi')).toEqual({
      thinking: 'the dog is left',
      isThinking: true,
      rest: '',
    });
  });

  it('keeps what follows the thought', () => {
    const text = '<think>it reads K7</think><answer>K7</answer>';
    expect(readWritten(text)).toEqual({ thinking: 'it reads K7', isThinking: false, rest: 'K7' });
  });
});

it('reads samples with their options as V* text', () => {
  const questions = [{ text: 'Which?', options: ['snail', 'trophy'] }];
  const entry = { id: 'a', file: 'a.jpg', title: 'A', width: 1, height: 1, questions };
  expect(readSamples([entry], 'http://x/y/')[0]).toMatchObject({
    picture: 'http://x/y/samples/a.jpg',
    questions: ['Which?\n(A) snail\n(B) trophy'],
  });
});

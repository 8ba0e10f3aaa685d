import { describe, expect, it } from 'vitest';
import { IDLE_RUN } from '../../../core/run/fold.ts';
import { recorded } from '../../../core/share/testing.ts';
import { foldRun } from '../../../core/run/fold.ts';
import type { Exhibit, ExhibitRun } from '../exhibit.ts';
import { factsOf } from './facts.ts';
import { CARD, contained, insetsOf, onPicture, pictureArea, STAGE, type Place } from './places.ts';
import { directionOf, fitted, linesOf } from './text.ts';

/** Every character is ten pixels wide. */
const measure = (text: string): number => 10 * Array.from(text).length;

const measureAt = (size: number) => (text: string) => (size / 2) * Array.from(text).length;
const isInside = (inner: Place, outer: Place): boolean =>
  inner.x >= outer.x - 1e-6 &&
  inner.y >= outer.y - 1e-6 &&
  inner.x + inner.width <= outer.x + outer.width + 1e-6 &&
  inner.y + inner.height <= outer.y + outer.height + 1e-6;

async function exhibit(answer: string, letter: string | null): Promise<Exhibit> {
  const [looks = [], full = []] = await recorded(['coarse-to-fine', 'full-resolution']);
  const run = (events: typeof looks): ExhibitRun => ({
    events,
    state: foldRun(events),
    memory: null,
  });
  const { state, ...main } = run(looks);
  const said = { text: answer, letter, thinking: '', confidence: null };
  const info = { width: 4000, height: 3000, nativeTokens: 1, type: '', bytes: 1 };
  const picture = { name: null, sample: null, info, drawable: async () => null };
  return { picture, main: { ...main, state: { ...state, answer: said } }, baseline: run(full) };
}

describe('text on a card', () => {
  it('breaks between words, and cuts what has no room', () => {
    const text = 'What does the tag (the red one) say?';
    expect(linesOf(text, 120, 9, measure)).toEqual([
      'What does',
      'the tag (the',
      'red one)',
      'say?',
    ]);
    expect(linesOf(text, 120, 2, measure)).toEqual(['What does', 'the tag (th…']);
    expect(linesOf('a\n  b', 120, 2, measure)).toEqual(['a b']);
    expect(linesOf('', 120, 2, measure)).toEqual([]);
  });

  it('breaks words that are wider than a line, never inside of a character', () => {
    expect(linesOf('abcdefghijkl', 50, 9, measure)).toEqual(['abcde', 'fghij', 'kl']);
    const family = '👨‍👩‍👧‍👦';
    const lines = linesOf(family.repeat(5), measure(family) * 2, 9, measure);
    expect(lines).toEqual([family.repeat(2), family.repeat(2), family]);
  });

  it('breaks scripts without spaces', () => {
    const lines = linesOf('この写真の中の蜂のタグには何と書いてありますか。', 100, 9, measure);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(measure(line)).toBeLessThanOrEqual(100);
    expect(lines.some((line) => line.startsWith('。'))).toBe(false);
  });

  it('is as large as it can be without breaking words', () => {
    const box = { width: 200, height: 100, leading: 1 };
    expect(fitted('R7R8', box, [80, 40], measureAt)).toEqual({ size: 80, lines: ['R7R8'] });
    expect(fitted('penguin', box, [80, 40], measureAt)).toEqual({ size: 40, lines: ['penguin'] });
    const { size, lines } = fitted('so '.repeat(99), box, [80, 40], measureAt);
    expect([size, lines.length, lines.at(-1)?.endsWith('…')]).toEqual([40, 2, true]);
  });

  it('knows from which side it is read', () => {
    expect(directionOf('What?')).toBe('ltr');
    expect(directionOf('R7R8 מה')).toBe('ltr');
    expect(directionOf('«מה» R7R8')).toBe('rtl');
    expect(directionOf('(A) أحمر   (B) أزرق')).toBe('rtl');
    expect(directionOf('123')).toBe('ltr');
  });
});

describe('places on a card', () => {
  const card = { x: 0, y: 0, ...CARD };

  it.each([
    [4000, 3000],
    [3000, 4000],
    [9000, 300],
    [50, 9000],
  ])('of a picture of %i × %i lie on it, with up to five crops', (width, height) => {
    const original = { width, height };
    for (let crops = 0; crops <= 5; crops++) {
      const picture = contained(original, pictureArea(crops));
      expect(isInside(picture, STAGE)).toBe(true);
      const sizes = Array.from({ length: crops }, (_, index) => ({
        width: 448 - 80 * index,
        height: 224,
      }));
      const frames = sizes.map((_, index) => ({
        x: (width * index) / 5,
        y: 0,
        width: width / 9,
        height: height / 9,
      }));
      const drawn = frames.map((frame) => onPicture(frame, original, picture));
      const insets = insetsOf(sizes, drawn, picture);
      expect(insets).toHaveLength(Math.min(crops, 4));
      for (const inset of insets) expect(isInside(inset, card)).toBe(true);
      for (const [index, inset] of insets.entries()) {
        const { width = 1, height = 1 } = sizes[index] ?? {};
        expect(inset.width / inset.height).toBeCloseTo(width / height);
      }
    }
  });

  it('show a single crop where it hides nothing of its frame', () => {
    const picture = contained({ width: 4, height: 3 }, STAGE);
    for (const [x, y] of [
      [0, 0],
      [3, 0],
      [0, 2],
      [3, 2],
    ] as const) {
      const frame = onPicture({ x, y, width: 1, height: 1 }, { width: 4, height: 3 }, picture);
      const [inset] = insetsOf([{ width: 300, height: 200 }], [frame], picture);
      const isLeft = (inset?.x ?? 0) < STAGE.x + STAGE.width / 2;
      const isTop = (inset?.y ?? 0) < STAGE.y + STAGE.height / 2;
      expect([isLeft, isTop]).toEqual([x > 0, y > 0]);
    }
  });

  it('of a region that is a point can still be seen', () => {
    const picture = contained({ width: 20000, height: 15000 }, STAGE);
    const frame = onPicture(
      { x: 19990, y: 14990, width: 10, height: 10 },
      { width: 20000, height: 15000 },
      picture,
    );
    expect(frame.width).toBeGreaterThan(10);
    expect(isInside(frame, picture)).toBe(true);
  });
});

describe('what a card says', () => {
  it('is the answer, in words where it is a letter, and what was saved', async () => {
    expect(factsOf(await exhibit('B', 'B'))).toEqual({
      question: 'What is it?',
      options: '(A) cat   (B) dog',
      answer: 'B: dog',
      factor: '81×',
      saved: 'fewer vision tokens than full resolution',
      detail: '188 of 15,301 · two looks · ergo-tiny',
    });
    expect(factsOf(await exhibit('(B) dog', 'B')).answer).toBe('(B) dog');
    expect(factsOf(await exhibit('', null)).answer).toBe('No answer');
  });

  it('claims nothing of one look at everything', async () => {
    const { baseline, ...rest } = await exhibit('a', null);
    const facts = factsOf({
      ...rest,
      main: baseline ?? { events: [], state: IDLE_RUN, memory: null },
      baseline: null,
    });
    expect(facts).toMatchObject({
      factor: null,
      saved: 'One look at full resolution',
      detail: '15,301 vision tokens · ergo-tiny',
    });
  });
});

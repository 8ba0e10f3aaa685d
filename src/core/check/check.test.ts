import { describe, expect, it } from 'vitest';
import type { PictureSource } from '../contracts/pictures.ts';
import type { ModelProfile } from '../contracts/profile.ts';
import { ErgoError, hasCode } from '../errors.ts';
import { toModelCorners } from '../geometry/frames.ts';
import { box, overlap } from '../geometry/size.ts';
import { TINY_PROFILE } from '../policies/testing/tiny-profile.ts';
import {
  scriptedModel,
  scriptedPicture,
  type ScriptedPicture,
} from '../policies/testing/scripted.ts';
import { checkModel, type CheckResult } from './check.ts';
import { pictureOf, SQUARE_PICTURE, SQUARES } from './squares.ts';

const STOCK: ModelProfile = {
  ...TINY_PROFILE,
  replies: 'plain',
  coordinates: 'relative-1000',
  budgets: { ...TINY_PROFILE.budgets, coarse: 1280 },
};

/** What a model writes that sees the square where it is, moved by some pixels. */
function seen(by: number, profile = STOCK): string[] {
  return SQUARES.map(({ x, y, width, height }) => {
    const moved = box('coarse', x + by, y, width, height);
    const corners = toModelCorners(moved, profile.coordinates, SQUARE_PICTURE);
    return `{"bbox_2d": [${corners.join(', ')}], "label": "square"}`;
  });
}

function setUp(replies: readonly string[], profile = STOCK, before?: (verb: string) => void) {
  const model = scriptedModel({ replies, profile, ...(before && { before }) });
  const opened: ScriptedPicture[] = [];
  const pictures: PictureSource = {
    open: async (_, rules) => {
      const picture = scriptedPicture(SQUARE_PICTURE, rules);
      opened.push(picture);
      return picture;
    },
  };
  let time = 0;
  const run = async (signal?: AbortSignal): Promise<CheckResult> => {
    const looks = checkModel({ model, pictures, now: () => time++, signal });
    for (;;) {
      const step = await looks.next();
      if (step.done === true) return step.value;
    }
  };
  return { model, opened, run };
}

describe('the check of a model', () => {
  it('finds that a model sees, by its family’s units', async () => {
    for (const coordinates of ['relative-1000', 'absolute-coarse-pixels'] as const) {
      const profile = { ...STOCK, coordinates };
      const { run, model } = setUp(seen(0, profile), profile);
      const result = await run();
      expect(result.meanIou).toBeGreaterThan(0.97);
      expect(result).toMatchObject({ sees: true, millisecondsPerLook: 1 });
      expect(result.boxes).toHaveLength(9);
      expect(model.prompts[0]).toContain('<coarse 384>Locate the bright square');
      expect(model.alive()).toEqual({ contexts: 0, pictures: 0 });
    }
  });

  it('finds that a model sees badly, or not at all', async () => {
    const shifted = await setUp(seen(90)).run();
    expect(shifted.meanIou).toBeLessThan(0.1);
    expect(shifted.sees).toBe(false);
    const same = SQUARES.map(() => seen(0)[4] ?? '');
    expect((await setUp(same).run()).meanIou).toBeCloseTo(1 / 9, 1);
    const text = await setUp(SQUARES.map(() => 'A bright square.')).run();
    expect(text).toMatchObject({ meanIou: 0, sees: false });
    expect(text.boxes[0]).toMatchObject({ box: null, iou: 0, text: 'A bright square.' });
  });

  it('asks a model that was taught tags as it was taught', async () => {
    const { run, model } = setUp(seen(0), { ...STOCK, replies: 'tags' });
    await run();
    expect(model.prompts[0]).toContain('Where is the bright square? Where?');
  });

  it('frees everything when a call fails or a person leaves', async () => {
    for (const failing of ['encode', 'extend', 'generate']) {
      const { model, opened, run } = setUp(seen(0), STOCK, (verb) => {
        if (verb === failing) throw new ErgoError('out-of-memory', 'No memory.');
      });
      await expect(run()).rejects.toThrow('No memory.');
      expect(model.alive()).toEqual({ contexts: 0, pictures: 0 });
      const sent = opened.flatMap((picture) => picture.sent);
      const discarded = opened.flatMap((picture) => picture.discarded);
      expect([...model.encoded, ...discarded]).toEqual(sent);
    }
    const { model, run } = setUp(seen(0));
    await expect(run(AbortSignal.abort())).rejects.toEqual(
      expect.toSatisfy((error: unknown) => hasCode(error, 'cancelled')),
    );
    expect(model.alive()).toEqual({ contexts: 0, pictures: 0 });
  });
});

describe('the pictures', () => {
  it('are nine BMPs with the square where it is said to be', async () => {
    expect(SQUARES).toHaveLength(9);
    for (const [i, square] of SQUARES.entries()) {
      const others = SQUARES.filter((_, other) => other !== i);
      expect(Math.max(...others.map((other) => overlap(square, other)))).toBe(0);
    }
    const square = SQUARES[5] ?? box('original', 0, 0, 0, 0);
    const bytes = new Uint8Array(await pictureOf(square).arrayBuffer());
    expect(String.fromCharCode(...bytes.subarray(0, 2))).toBe('BM');
    const { width, height } = SQUARE_PICTURE;
    const green = (x: number, y: number) => bytes[54 + 3 * ((height - 1 - y) * width + x) + 1];
    expect([green(square.x, square.y), green(square.x - 1, square.y)]).toEqual([240, 20]);
    const right = square.x + square.width;
    const bottom = square.y + square.height;
    expect([green(right - 1, bottom - 1), green(right, bottom)]).toEqual([240, 20]);
  });
});

import { describe, expect, it } from 'vitest';
import type { GenerateOptions } from '../core/contracts/model.ts';
import { hasCode } from '../core/errors.ts';
import { createDetokenizer } from './detokenizer.ts';
import { generateTokens } from './generate.ts';
import { halfValues } from './half.ts';
import { chooseToken, createRandom } from './sampling.ts';
import type { Tokenizer } from './tokenizer.ts';

const STOP = 256;

/** One token per byte, as a byte-level tokenizer has them for rare characters. */
const bytes: Tokenizer = {
  encode: (text) => [...new TextEncoder().encode(text)],
  decode: (ids) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids)),
  specials: ['<stop>'],
  idOf: (token) => (token === '<stop>' ? STOP : null),
};

async function run(ids: readonly number[], options: Partial<GenerateOptions> = {}) {
  const queue = [...ids];
  const steps = generateTokens(
    {
      tokenizer: bytes,
      stopIds: new Set([STOP]),
      next: async () => ({ id: queue.shift() ?? STOP, logProbability: -1, alternatives: [] }),
    },
    { maxNewTokens: 100, ...options },
  );
  const texts: string[] = [];
  for (;;) {
    const step = await steps.next();
    if (step.done) return { texts, ...step.value, left: queue.length };
    texts.push(step.value.text);
  }
}

describe('generateTokens', () => {
  it('ends at a stop token, which is no part of the text but one of the tokens', async () => {
    const ids = [...bytes.encode('ab'), STOP];
    expect(await run(ids)).toMatchObject({ text: 'ab', tokenIds: ids, stop: 'stop-token' });
  });

  it('ends at a stop string that spans tokens, and keeps it', async () => {
    const result = await run(bytes.encode('<zoom>[1]</zoom> and more'), {
      stopStrings: ['</zoom>'],
    });
    expect(result).toMatchObject({ text: '<zoom>[1]</zoom>', stop: 'stop-string', left: 9 });
  });

  it('ends at the length, with the text of a character that was not finished', async () => {
    const result = await run(bytes.encode('a€'), { maxNewTokens: 3 });
    expect(result).toMatchObject({ text: 'a\uFFFD', stop: 'length', texts: ['a', '', '\uFFFD'] });
    expect(await run([], { maxNewTokens: 0 })).toMatchObject({ text: '', stop: 'length' });
  });

  it('stops between tokens when cancelled', async () => {
    const controller = new AbortController();
    const steps = generateTokens(
      {
        tokenizer: bytes,
        stopIds: new Set(),
        next: async () => ({ id: 65, logProbability: 0, alternatives: [] }),
      },
      { maxNewTokens: 10, signal: controller.signal },
    );
    await steps.next();
    controller.abort();
    await expect(steps.next()).rejects.toSatisfy((error) => hasCode(error, 'cancelled'));
  });
});

describe('the detokenizer', () => {
  it('gives characters when they are whole and everything in the end', () => {
    for (const ids of [bytes.encode('a€b🦊'), [255, 65, 240, 159], [195, 195, 169, 200]]) {
      const detokenizer = createDetokenizer(bytes);
      const pieces = ids.map((id) => detokenizer.push(id));
      expect(pieces.join('') + detokenizer.flush()).toBe(bytes.decode(ids));
    }
    const detokenizer = createDetokenizer(bytes);
    expect(bytes.encode('a€b').map((id) => detokenizer.push(id))).toEqual(['a', '', '', '€', 'b']);
  });
});

const logits = Float32Array.from([1, 3, 2, 3, -Infinity]);

const draw = (seed: number) => {
  const random = createRandom(seed);
  const options = { temperature: 1, random, alternatives: 1 };
  return Array.from({ length: 400 }, () => chooseToken(logits, options));
};

describe('chooseToken', () => {
  const total = Math.log(2 * Math.exp(3) + Math.exp(2) + Math.exp(1));

  it('takes the first of the largest and tells log-probabilities, most likely first', () => {
    const choice = chooseToken(logits, { temperature: 0, random: Math.random, alternatives: 3 });
    expect(choice.id).toBe(1);
    expect(choice.logProbability).toBeCloseTo(3 - total, 6);
    expect(choice.alternatives.map(({ id }) => id)).toEqual([1, 3, 2]);
  });

  it('draws by temperature, the same for the same seed', () => {
    expect(draw(1)).toEqual(draw(1));
    const share = draw(2).filter(({ id }) => id === 2).length / 400;
    expect(Math.abs(share - Math.exp(2 - total))).toBeLessThan(0.07);
    expect(draw(3).every(({ id, alternatives }) => alternatives[0]?.id === id)).toBe(true);
  });

  it('chooses the same from half-precision logits, without turning all of them into numbers', () => {
    const random = createRandom(7);
    // From -4 to 4, and two equal ones above.
    const bits = Uint16Array.from(
      { length: 5000 },
      () => Math.floor(random() * 0x4400) + (random() < 0.5 ? 0x8000 : 0),
    );
    bits.fill(0x4600, 17, 19);
    bits[3] = 0xfc00;
    const numbers = Float32Array.from(bits, (value) => halfValues()[value] ?? NaN);
    for (const temperature of [0, 1]) {
      const options = () => ({ temperature, random: createRandom(5), alternatives: 20 });
      const chosen = chooseToken(bits, options());
      const expected = chooseToken(numbers, options());
      expect(chosen.id).toBe(expected.id);
      expect(chosen.alternatives.map(({ id }) => id)).toEqual(
        expected.alternatives.map(({ id }) => id),
      );
      expect(chosen.logProbability).toBeCloseTo(expected.logProbability, 10);
    }
    expect(chooseToken(bits, { temperature: 0, random, alternatives: 0 }).id).toBe(17);
  });

  it('refuses logits that are no numbers', () => {
    const options = { temperature: 0, random: Math.random, alternatives: 0 };
    for (const broken of [Float32Array.of(NaN, 1), Float32Array.of(1, NaN), Uint16Array.of(0x7e00)])
      expect(() => chooseToken(broken, options)).toThrow(/NaN/);
  });
});

describe('half precision', () => {
  it('has the values of IEEE 754 binary16', () => {
    const values = halfValues();
    expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x3555].map((bits) => values[bits])).toEqual([
      1,
      -2,
      65_504,
      2 ** -24,
      2 ** -14,
      Math.fround(0x555 / 2 ** 12),
    ]);
    expect([values[0x7c00], values[0xfc00], values[0x7c01]]).toEqual([Infinity, -Infinity, NaN]);
  });
});

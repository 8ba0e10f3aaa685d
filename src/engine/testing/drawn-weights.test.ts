import { expect, it } from 'vitest';
import { halfValues } from '../half.ts';
import { drawFile, type Shape } from './drawn-weights.ts';

const shape: Shape = {
  id: 'shape/x',
  dtype: 'q4f16',
  sessions: { vision_encoder: 'v', embed_tokens: 'e', decoder_model_merged: 'd' },
  sizes: { one: 400_000, other: 4 },
  small: [['one', 2, btoa('\x01\xff')]],
  parts: [
    { file: 'one', offset: 64, length: 200_000, kind: 'float16', spread: 0.25 },
    { file: 'one', offset: 200_064, length: 199_936, kind: 'bytes', spread: 0 },
    { file: 'other', offset: 0, length: 4, kind: 'float32', spread: 1 },
  ],
};

it('draws halves within their spread, any bytes, and takes small parts as they are', () => {
  const bytes = drawFile(shape, 'one');
  expect([...bytes.subarray(0, 8)]).toEqual([0, 0, 1, 255, 0, 0, 0, 0]);
  const values = [...new Uint16Array(bytes.buffer, 64, 100_000)].map((bits) => halfValues()[bits]);
  const numbers = values.map((value) => value ?? NaN);
  expect(Math.max(...numbers.map(Math.abs))).toBeLessThanOrEqual(0.25);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + value ** 2, 0) / numbers.length;
  expect(Math.abs(mean)).toBeLessThan(0.005);
  // Of a uniform distribution: a twelfth of its width, squared.
  expect(variance).toBeCloseTo(0.5 ** 2 / 12, 3);
  expect(new Set(bytes.subarray(200_064)).size).toBe(256);
  expect(drawFile(shape, 'one')).toEqual(bytes);
  expect(new Float32Array(drawFile(shape, 'other').buffer)[0]).not.toBe(0);
});

/** Graphs written by hand, on onnxruntime's wasm build in Node. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-web/wasm';
import { expect, it } from 'vitest';
import { createCaster } from './cast.ts';
import { choiceGraph, readSummary } from './choice-graph.ts';
import { writesInPlace } from './graph.ts';
import { floatsOf, floatTensor, halfValues, type Floats } from './half.ts';
import { readNodes } from './onnx-nodes.ts';
import type { Runtime } from './runtime.ts';
import { chooseToken, createRandom } from './sampling.ts';
import { writeGraph } from './tiny-graph.ts';

const entry = createRequire(import.meta.url).resolve('onnxruntime-web/wasm');
ort.env.wasm.wasmPaths = pathToFileURL(`${path.dirname(entry)}/`).href;
ort.env.wasm.numThreads = 1;

it('casts rows to half precision and back, whatever their dims', async () => {
  const caster = createCaster({
    ort,
    report: { used: 'wasm' },
    providers: ['wasm'],
  } as unknown as Runtime);
  const exact = Float32Array.of(0, 1, -2.5, 65_504);
  const single = new ort.Tensor('float32', exact, [1, 2, 2]);
  const half = await caster.cast(single, 'float16');
  expect(half).toMatchObject({ type: 'float16', dims: [1, 2, 2] });
  expect(Array.from(floatsOf(half), (bits) => halfValues()[bits])).toEqual([...exact]);
  const back = await caster.cast(half, 'float32');
  expect(back.data).toEqual(exact);
  expect(await caster.cast(back, 'float32')).toBe(back);
  const ids = new ort.Tensor('int64', BigInt64Array.of(1n), [1]);
  await expect(caster.cast(ids, 'float32')).rejects.toThrow(/gives int64/);
  await caster.release();
});

it.each(['float32', 'float16'] as const)(
  'sums %s logits up so that the same tokens follow, with their probabilities',
  async (type) => {
    const random = createRandom(3);
    const length = 3000;
    const bits = Uint16Array.from({ length }, () => Math.floor(random() * 0x5800));
    const numbers = Float32Array.from(bits, (value) => halfValues()[value] ?? NaN);
    const logits: Floats = type === 'float16' ? bits : numbers;
    const session = await ort.InferenceSession.create(choiceGraph(type, 20));
    const { summary } = await session.run({ logits: floatTensor(ort, logits, [1, 1, length]) });
    const candidates = readSummary(summary?.data as Float32Array);
    const { alternatives } = chooseToken(logits, { temperature: 0, random, alternatives: 20 });
    expect(candidates.map(({ id }) => id)).toEqual(alternatives.map(({ id }) => id));
    for (const [i, { logProbability }] of alternatives.entries()) {
      expect(candidates[i]?.logProbability).toBeCloseTo(logProbability, 4);
    }
  },
);

it('reads the nodes of a graph back from its file, and sees which write rows in place', () => {
  const file = writeGraph({
    nodes: [
      { op: 'Cast', inputs: ['a'], outputs: ['b'], attributes: { to: 1 } },
      {
        op: 'GroupQueryAttention',
        inputs: ['b', 'past_key_values.0.key'],
        outputs: ['c', 'present.0.key'],
      },
    ],
    inputs: { a: 'float16' },
    outputs: { c: 'float32' },
    constants: { axes: [-1] },
  });
  const nodes = readNodes(file);
  expect(nodes.map(({ op, inputs, outputs }) => [op, ...inputs, '->', ...outputs])).toEqual([
    ['Cast', 'a', '->', 'b'],
    ['GroupQueryAttention', 'b', 'past_key_values.0.key', '->', 'c', 'present.0.key'],
  ]);
  const state = { type: 'float32', dims: [1, 1, 0, 1], grows: true } as const;
  const key = { ...state, input: 'past_key_values.0.key', output: 'present.0.key' };
  const value = { ...state, input: 'past_key_values.0.value', output: 'present.0.value' };
  expect(writesInPlace(nodes, [key])).toBe(true);
  expect(writesInPlace(nodes, [key, value])).toBe(false);
  expect(writesInPlace(nodes, [])).toBe(false);
});

/** The decoder over a graph made of a few sums: what it carries, and what it asks for. */
import * as ort from 'onnxruntime-web/wasm';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { TINY_PROFILE } from '../core/policies/testing/tiny-profile.ts';
import { hasCode } from '../core/errors.ts';
import type { Caster } from './cast.ts';
import { createDecoder, type Decoder, type Segment, type State } from './decoder.ts';
import { describeDecoder, describeVision } from './graph.ts';
import { floatsOf, floatTensor, halfValues, type Floats } from './half.ts';
import { bytesOfAll } from './states.ts';

const WIDTH = 3;
const WORDS = 4;

type Input = InferenceSession.TensorValueMetadata;
const input = (name: string, type: Tensor.Type, shape: (number | string)[]): Input => ({
  name,
  isTensor: true,
  type,
  shape,
});

const INPUTS: readonly Input[] = [
  input('inputs_embeds', 'float32', ['batch', 'sequence', WIDTH]),
  input('attention_mask', 'int64', ['batch', 'total']),
  input('position_ids', 'int64', [3, 'batch', 'sequence']),
  input('past_conv.0', 'float16', ['batch', 2, 3]),
  input('past_recurrent.0', 'float32', ['batch', 1, 2, 2]),
  input('past_key_values.1.key', 'float16', ['batch', 1, 'past', 2]),
];
const OUTPUTS = ['logits', 'present_conv.0', 'present_recurrent.0', 'present.1.key'];

const half = (value: number): number => halfValues().indexOf(value);
const sum = (values: Floats): number => [...values].reduce((total, value) => total + value, 0);

interface Call {
  readonly tokens: number;
  readonly fetches: object;
  readonly past: number;
}

/** A recurrence whose state decays: `r = r / 2 + (sum of the row)`, so the order of tokens counts. */
function tinyDecoder({ logits = 'float16', keepsLast = false } = {}) {
  const calls: Call[] = [];
  const inputs = keepsLast ? [...INPUTS, input('num_logits_to_keep', 'int64', [])] : INPUTS;
  const run = async (feeds: Record<string, Tensor>, fetches: object) => {
    const embeds = floatsOf(feeds['inputs_embeds'] as Tensor);
    const tokens = embeds.length / WIDTH;
    const recurrent = Float32Array.from(floatsOf(feeds['past_recurrent.0'] as Tensor));
    const conv = feeds['past_conv.0'] as Tensor;
    const keys = feeds['past_key_values.1.key'] as Tensor;
    const past = keys.dims[2] ?? 0;
    calls.push({ tokens, fetches, past });
    const rows: number[] = [];
    for (let i = 0; i < tokens; i++) {
      const value = sum(embeds.subarray(i * WIDTH, (i + 1) * WIDTH));
      recurrent[0] = (recurrent[0] ?? 0) / 2 + value;
      rows.push(recurrent[0], -1, 0, 1);
    }
    const kept = keepsLast ? rows.slice(-WORDS) : rows;
    const values = logits === 'float16' ? Uint16Array.from(kept, half) : Float32Array.from(kept);
    const total = past + tokens;
    return {
      logits: floatTensor(ort, values, [1, kept.length / WORDS, WORDS]),
      'present_conv.0': conv,
      'present_recurrent.0': new ort.Tensor('float32', recurrent, [1, 1, 2, 2]),
      'present.1.key': new ort.Tensor('float16', new Uint16Array(2 * total), [1, 1, total, 2]),
    };
  };
  const decoder = {
    inputNames: inputs.map(({ name }) => name),
    outputNames: OUTPUTS,
    inputMetadata: inputs,
    run,
  };
  const embed = {
    run: async ({ input_ids: ids }: Record<string, Tensor>) => {
      const values = Array.from(ids?.data as BigInt64Array, (id) => [Number(id), 0, 0]).flat();
      const dims = [1, values.length / WIDTH, WIDTH];
      return { inputs_embeds: new ort.Tensor('float32', Float32Array.from(values), dims) };
    },
  };
  const graph = describeDecoder(decoder, TINY_PROFILE.architecture.text);
  const made = createDecoder({
    ort: ort,
    gpu: null,
    embed: embed as never,
    decoder: decoder as never,
    caster: { cast: async (tensor) => tensor, release: async () => undefined } satisfies Caster,
    graph,
    inPlace: null,
    text: TINY_PROFILE.architecture.text,
    chunk: 4,
  });
  return { decoder: made, graph, calls, session: decoder };
}

const rowOf = ({ states }: State): number[] => (states.logits ? [...floatsOf(states.logits)] : []);
const text = (...ids: number[]): Segment => ({ kind: 'text', ids });
const extend = (decoder: Decoder, state = decoder.start(), ...ids: number[]) =>
  decoder.extend(state, [text(...ids)]);

describe('the decoder of a hybrid model', () => {
  it('starts every state at zero, in its own type and size', () => {
    const { states } = tinyDecoder().decoder.start();
    expect([...states.tensors].map(([name, { type, dims }]) => [name, type, ...dims])).toEqual([
      ['past_conv.0', 'float16', 1, 2, 3],
      ['past_recurrent.0', 'float32', 1, 1, 2, 2],
      ['past_key_values.1.key', 'float16', 1, 1, 0, 2],
    ]);
    expect(bytesOfAll([states, states])).toBe(6 * 2 + 4 * 4);
  });

  it('carries all of them from call to call, and prefills nothing twice', async () => {
    const { decoder, calls } = tinyDecoder();
    const whole = await extend(decoder, undefined, 1, 2, 3, 4, 1, 2);
    const first = await extend(decoder, undefined, 1, 2, 3);
    const parts = await extend(decoder, first, 4, 1, 2);
    expect(rowOf(parts)).toEqual(rowOf(whole));
    expect(calls.map(({ past, tokens }) => [past, tokens])).toEqual([
      [0, 4],
      [4, 2],
      [0, 3],
      [3, 3],
    ]);
  });

  it('goes back to a history that was kept, however far another has gone on from it', async () => {
    const { decoder } = tinyDecoder();
    const kept = await extend(decoder, undefined, 1, 2, 3);
    const one = await extend(decoder, kept, 4);
    await extend(decoder, await extend(decoder, kept, 1, 1, 1), 2);
    expect(rowOf(await extend(decoder, kept, 4))).toEqual(rowOf(one));
  });

  it.each(['float16', 'float32'])(
    'keeps the last row of %s logits of all positions',
    async (type) => {
      const { decoder, calls } = tinyDecoder({ logits: type });
      const state = await extend(decoder, undefined, 1, 2, 3, 4, 2);
      const expected = [1 / 16 + 2 / 8 + 3 / 4 + 4 / 2 + 2, -1, 0, 1];
      expect(rowOf(state)).toEqual(type === 'float16' ? expected.map(half) : expected);
      // Those of a chunk before the last are not even fetched.
      expect(calls.map(({ fetches }) => 'logits' in fetches)).toEqual([false, true]);
    },
  );

  it('asks for one row where the graph can give one', async () => {
    const { decoder } = tinyDecoder({ keepsLast: true });
    expect(rowOf(await extend(decoder, undefined, 1, 2, 3))).toHaveLength(WORDS);
  });

  it('takes rows as wide as the graph has them', async () => {
    const { decoder, graph } = tinyDecoder();
    const features = new ort.Tensor('float32', Float32Array.of(1, 1, 1, 2, 0, 2), [2, WIDTH]);
    const picture: Segment = { kind: 'picture', features, grid: { rows: 1, columns: 2 } };
    const state = await decoder.extend(decoder.start(), [text(1), picture]);
    expect(halfValues()[rowOf(state)[0] ?? 0]).toBe(1 / 4 + 3 / 2 + 4);
    expect(graph.rows).toEqual({ type: 'float32', width: WIDTH });
  });
});

const visionGraph = (...names: string[]) => ({
  inputNames: names,
  inputMetadata: names.map((name) => input(name, 'float32', ['n', 1])),
});

describe('graphs that nobody can fill', () => {
  const { session } = tinyDecoder();
  const { text: architecture } = TINY_PROFILE.architecture;
  const unsupported = expect.toSatisfy((error) => hasCode(error, 'model-unsupported'));
  const withInput = (added: Input, outputs = OUTPUTS) => ({
    inputNames: [...session.inputNames, added.name],
    inputMetadata: [...session.inputMetadata, added],
    outputNames: outputs,
  });

  it.each([
    ['an unknown input', withInput(input('deepstack.0', 'float32', [1]))],
    ['a state without a successor', withInput(input('past_conv.7', 'float32', [1, 2]))],
    [
      'a state of another type',
      withInput(input('past_conv.7', 'int8', [1, 2]), [...OUTPUTS, 'present_conv.7']),
    ],
    [
      'a state of open size',
      withInput(input('past_conv.7', 'float32', ['batch', 'n']), [...OUTPUTS, 'present_conv.7']),
    ],
    [
      'a cache of fixed length',
      withInput(input('past_key_values.7.key', 'float32', [1, 1, 64, 2]), [
        ...OUTPUTS,
        'present.7.key',
      ]),
    ],
  ])('are refused: %s', (_, graph) => {
    expect(() => describeDecoder(graph, architecture)).toThrow(unsupported);
  });

  it('vision encoders take patches and a grid under either name', () => {
    expect(describeVision(visionGraph('pixel_values', 'grid_thw')).grid).toBe('grid_thw');
    expect(describeVision(visionGraph('pixel_values', 'image_grid_thw')).type).toBe('float32');
    for (const names of [['pixel_values'], ['pixel_values', 'grid_thw', 'pixel_mask']]) {
      expect(() => describeVision(visionGraph(...names))).toThrow(unsupported);
    }
  });
});

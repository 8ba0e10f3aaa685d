/** What a decoder's graph takes and gives, as its session tells; nothing is assumed of a family. */
import type { InferenceSession } from 'onnxruntime-web';
import type { TextArchitecture } from '../core/contracts/profile.ts';
import { ErgoError } from '../core/errors.ts';
import type { OnnxNode } from './onnx-nodes.ts';

export type FloatType = 'float32' | 'float16';

export interface StateSpec {
  readonly input: string;
  readonly output: string;
  readonly type: FloatType;
  /** Before the first token. */
  readonly dims: readonly number[];
  /** Keys and values get a row per token; other states keep their size. */
  readonly grows: boolean;
}

export interface DecoderGraph {
  readonly states: readonly StateSpec[];
  /** The last position's logits can be asked for; otherwise those of all positions come. */
  readonly keepsLast: boolean;
  /** Rows of `inputs_embeds`: wider than the hidden size where they carry DeepStack features. */
  readonly rows: { readonly type: FloatType; readonly width: number };
}

type Described = Pick<InferenceSession, 'inputNames' | 'outputNames' | 'inputMetadata'>;

type Whose = 'language' | 'vision';

const KEYS_AND_VALUES = 'past_key_values.';
const OTHERS = ['inputs_embeds', 'attention_mask', 'position_ids', 'num_logits_to_keep'];

/**
 * @param text for dims that the graph leaves open
 * @throws ErgoError `model-unsupported` for inputs that nobody here can fill
 */
export function describeDecoder(decoder: Described, text: TextArchitecture): DecoderGraph {
  const strange = decoder.inputNames.filter(
    (name) => !name.startsWith('past_') && !OTHERS.includes(name),
  );
  if (strange.length > 0) throw unsupported('language', `asks for ${strange.join(', ')}`);
  const embeds = inputOf(decoder, 'inputs_embeds');
  const width = embeds.dims.at(-1);
  return {
    states: decoder.inputNames
      .filter((name) => name.startsWith('past_'))
      .map((name) => stateOf(decoder, name, text)),
    keepsLast: decoder.inputNames.includes('num_logits_to_keep'),
    rows: { type: embeds.type, width: typeof width === 'number' ? width : text.hiddenSize },
  };
}

/**
 * Can a call write its keys and values behind those that are there, into the same buffers? Only
 * GroupQueryAttention of onnxruntime does so; other graphs give the old rows and the new ones anew.
 */
export function writesInPlace(nodes: readonly OnnxNode[], states: readonly StateSpec[]): boolean {
  const attention = nodes.filter(({ op }) => op === 'GroupQueryAttention');
  const rows = states.filter(({ grows }) => grows);
  const holds = ({ input, output }: StateSpec): boolean =>
    attention.some(({ inputs, outputs }) => inputs.includes(input) && outputs.includes(output));
  return rows.length > 0 && rows.every(holds);
}

/**
 * What the vision encoder takes: patches of a precision, and a grid under one of two names.
 * @throws ErgoError `model-unsupported` if it takes something else
 */
export function describeVision(vision: Pick<Described, 'inputNames' | 'inputMetadata'>): {
  readonly type: FloatType;
  readonly grid: string;
} {
  const grid = vision.inputNames.find((name) => name === 'image_grid_thw' || name === 'grid_thw');
  const strange = vision.inputNames.filter((name) => name !== grid && name !== 'pixel_values');
  if (grid === undefined || strange.length > 0) {
    throw unsupported('vision', `takes ${vision.inputNames.join(', ')}`);
  }
  return { type: inputOf(vision, 'pixel_values', 'vision').type, grid };
}

function stateOf(decoder: Described, input: string, text: TextArchitecture): StateSpec {
  const output = input.replace(/^past_key_values/, 'present').replace(/^past_/, 'present_');
  if (!decoder.outputNames.includes(output))
    throw unsupported('language', `takes ${input} and gives none`);
  const { type, dims } = inputOf(decoder, input);
  const grows = input.startsWith(KEYS_AND_VALUES);
  const open = grows ? [1, text.keyValueHeads, 0, text.headSize] : [1];
  const empty = dims.map((dim, axis) => (typeof dim === 'number' ? dim : open[axis]));
  if (grows && (empty.length !== 4 || empty[2] !== 0)) {
    throw unsupported('language', `has a cache of fixed length (${input})`);
  }
  if (!empty.every((dim) => dim !== undefined))
    throw unsupported('language', `leaves ${input} open`);
  return { input, output, type, dims: empty, grows };
}

/** Dims that are open are strings. */
function inputOf(
  { inputMetadata }: Pick<Described, 'inputMetadata'>,
  name: string,
  whose: Whose = 'language',
) {
  const found = inputMetadata.find((input) => input.name === name);
  if (!found?.isTensor || (found.type !== 'float32' && found.type !== 'float16')) {
    const type = found?.isTensor ? found.type : 'nothing known';
    throw unsupported(whose, `takes ${name} as ${type}`);
  }
  const dims = found.shape.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : String(dim)));
  return { type: found.type, dims };
}

function unsupported(whose: Whose, what: string): ErgoError {
  return new ErgoError('model-unsupported', `The graph of the ${whose} model ${what}.`);
}

/**
 * Weights of a model that is not there, drawn by chance where it is measured: `shape.json` of
 * `training/fixtures/shapes.py` says which part of which file is what. A model costs the same whatever
 * its weights are.
 */
export interface Shape {
  readonly id: string;
  readonly dtype: string;
  readonly sessions: Readonly<
    Record<'vision_encoder' | 'embed_tokens' | 'decoder_model_merged', string>
  >;
  /** Bytes of each data file. */
  readonly sizes: Readonly<Record<string, number>>;
  /** File, offset, bytes in base64: what travels as it is. */
  readonly small: readonly (readonly [string, number, string])[];
  readonly parts: readonly {
    readonly file: string;
    readonly offset: number;
    readonly length: number;
    readonly kind: 'bytes' | 'float16' | 'float32';
    /** Largest size of a number. */
    readonly spread: number;
  }[];
}

/** As many different numbers as are drawn; larger parts repeat them. */
const POOL = 65_521;

/** @returns a data file as a whole; the same for the same shape */
export function drawFile(shape: Shape, file: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(shape.sizes[file] ?? 0);
  for (const [name, offset, text] of shape.small) {
    if (name !== file) continue;
    const binary = atob(text);
    for (let i = 0; i < binary.length; i++) bytes[offset + i] = binary.charCodeAt(i);
  }
  for (const { file: name, offset, length, kind, spread } of shape.parts) {
    if (name === file) repeat(bytes.subarray(offset, offset + length), poolOf(kind, spread));
  }
  return bytes;
}

function poolOf(kind: Shape['parts'][number]['kind'], spread: number): Uint8Array {
  let state = 0x9e3779b9;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  if (kind === 'bytes') return Uint8Array.from({ length: POOL }, () => 256 * random());
  const numbers = Float32Array.from({ length: POOL }, () => spread * (2 * random() - 1));
  if (kind === 'float32') return new Uint8Array(numbers.buffer);
  return new Uint8Array(Uint16Array.from(numbers, halfOf).buffer);
}

/** Bits of half precision, rounded towards zero; below its normal numbers 0. */
function halfOf(value: number): number {
  const size = Math.abs(value);
  const exponent = Math.floor(Math.log2(size));
  if (!(exponent >= -14)) return 0;
  const fraction = Math.floor((size / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

/** Doubles what is there already: a copy of gigabytes in few calls. */
function repeat(target: Uint8Array, pool: Uint8Array): void {
  target.set(pool.subarray(0, target.length));
  for (let filled = pool.length; filled < target.length; filled *= 2) {
    target.copyWithin(filled, 0, Math.min(filled, target.length - filled));
  }
}

/** Half precision (IEEE 754 binary16) as JavaScript has it: 16 bits each, since few engines know it. */
import type * as Ort from 'onnxruntime-web';

/** Values of one tensor: numbers, or the bits of half-precision ones. */
export type Floats = Float32Array | Uint16Array;

let table: Float32Array | undefined;

/** The value of each of the 65,536 patterns. */
export function halfValues(): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => valueOf(bits));
  return table;
}

function valueOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** @returns a view of a tensor on the CPU, float32 or float16 */
export function floatsOf({ data }: Pick<Ort.Tensor, 'data'>): Floats {
  if (data instanceof Float32Array) return data;
  // A Float16Array where there is one.
  const { buffer, byteOffset, length } = data as Uint16Array;
  return new Uint16Array(buffer, byteOffset, length);
}

/** @returns a copy, as numbers */
export function singles(values: Floats): Float32Array {
  if (values instanceof Float32Array) return values.slice();
  const table = halfValues();
  return Float32Array.from(values, (bits) => table[bits] ?? NaN);
}

/** @param values numbers for float32, bits for float16 */
export function floatTensor(ort: typeof Ort, values: Floats, dims: readonly number[]): Ort.Tensor {
  return values instanceof Float32Array
    ? new ort.Tensor('float32', values, dims)
    : new ort.Tensor('float16', values, dims);
}

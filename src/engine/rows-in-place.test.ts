/** Rows in buffers that a fake GPU copies at once: who shares, and who gets buffers of his own. */
import * as ort from 'onnxruntime-web/wasm';
import { describe, expect, it } from 'vitest';
import type { StateSpec } from './graph.ts';
import { createRowsInPlace, type RowsInPlace } from './rows-in-place.ts';

interface Buffer {
  readonly values: Float32Array;
  readonly size: number;
  destroyed: boolean;
  destroy(): void;
}

const HEADS = 2;
const NAME = 'past_key_values.0.key';

function fakeGpu() {
  const buffers: Buffer[] = [];
  const gpu = {
    createBuffer({ size }: { size: number }): Buffer {
      const buffer: Buffer = {
        values: new Float32Array(size / 4),
        size,
        destroyed: false,
        destroy: () => (buffer.destroyed = true),
      };
      buffers.push(buffer);
      return buffer;
    },
    createCommandEncoder: () => ({
      copyBufferToBuffer(from: Buffer, start: number, to: Buffer, at: number, size: number) {
        to.values.set(from.values.subarray(start / 4, (start + size) / 4), at / 4);
      },
      finish: () => ({}),
    }),
    queue: { submit: () => undefined },
  };
  const live = (): number => buffers.filter(({ destroyed }) => !destroyed).length;
  return { gpu: gpu as unknown as GPUDevice, live };
}

const spec: StateSpec = {
  input: NAME,
  output: 'present.0.key',
  type: 'float32',
  dims: [1, HEADS, 0, 1],
  grows: true,
};

function start(limit = 10_000) {
  const { gpu, live } = fakeGpu();
  return { rows: createRowsInPlace({ ort, gpu, specs: [spec], limit }), live };
}

const bufferOf = ({ tensors }: RowsInPlace) => tensors.get(NAME)?.gpuBuffer as unknown as Buffer;
const capacityOf = ({ tensors }: RowsInPlace): number => tensors.get(NAME)?.dims[2] ?? 0;

/** As a graph does: `values` behind the rows that are there, for each head its own. */
function write(rows: RowsInPlace, ...values: number[]): RowsInPlace {
  const next = rows.extended(values.length);
  for (let head = 0; head < HEADS; head++) {
    const at = head * capacityOf(next) + rows.length;
    bufferOf(next).values.set(
      values.map((value) => value + head / 2),
      at,
    );
  }
  return next;
}

function read(rows: RowsInPlace): number[] {
  return Array.from({ length: HEADS }, (_, head) => {
    const at = head * capacityOf(rows);
    return [...bufferOf(rows).values.subarray(at, at + rows.length)];
  }).flat();
}

const both = (...values: number[]): number[] => [...values, ...values.map((value) => value + 0.5)];

describe('rows in place', () => {
  it('go into the buffers that are there, and leave older histories as they were', () => {
    const { rows, live } = start();
    const one = write(rows, 1, 2);
    const two = write(one, 3);
    expect(bufferOf(two)).toBe(bufferOf(one));
    expect(read(one)).toEqual(both(1, 2));
    expect(read(two)).toEqual(both(1, 2, 3));
    expect(live()).toBe(1);
  });

  it('of a fork go elsewhere as soon as another has written behind what both have', () => {
    const { rows, live } = start();
    const one = write(rows, 1, 2);
    const other = write(one, 7);
    const fork = write(one, 8, 9);
    expect(bufferOf(fork)).not.toBe(bufferOf(other));
    expect([read(other), read(fork)]).toEqual([both(1, 2, 7), both(1, 2, 8, 9)]);
    expect(live()).toBe(2);
  });

  it('are written over once nobody has them any more', () => {
    const { rows, live } = start();
    const one = write(rows, 1);
    write(one, 2).release();
    expect(read(write(one, 3))).toEqual(both(1, 3));
    expect(live()).toBe(1);
  });

  it('move to buffers of twice the size, up to the limit', () => {
    const { rows } = start(300);
    const full = write(rows, ...Array.from({ length: 256 }, (_, i) => i));
    expect(capacityOf(full)).toBe(256);
    const more = write(full, -1);
    expect(capacityOf(more)).toBe(300);
    expect(read(more)).toEqual(both(...Array.from({ length: 256 }, (_, i) => i), -1));
  });

  it('are freed with the last history that has them', () => {
    const { rows, live } = start();
    const one = write(rows, 1);
    const two = write(one, 2);
    one.release();
    one.release();
    expect(live()).toBe(1);
    two.release();
    expect(live()).toBe(0);
  });
});

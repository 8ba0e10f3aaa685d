import { describe, expect, it } from 'vitest';
import { judge, type Need, type Room } from './verdict.ts';

const need: Need = {
  totalBytes: 9e8,
  storedBytes: 0,
  devices: ['webgpu', 'wasm'],
  halfPrecision: true,
  refusal: null,
};
const room: Room = {
  kind: 'webgpu',
  isChosen: false,
  halfPrecision: true,
  memoryBytes: 8e9,
  freeBytes: 20e9,
};

describe('before a download', () => {
  it('a model that a device can hold fits', () => {
    expect(judge(need, room)).toEqual({ level: 'fits', reason: null });
    // What a browser does not tell stands against nothing.
    expect(judge(need, { ...room, memoryBytes: null, freeBytes: null }).level).toBe('fits');
  });

  it.each<[string, Partial<Need>, Partial<Room>]>([
    ['needs WebGPU', { devices: ['webgpu'] }, { kind: 'wasm' }],
    ['the processor is chosen', { devices: ['webgpu'] }, { kind: 'wasm', isChosen: true }],
    ['half precision', {}, { halfPrecision: false }],
    ['in pieces', { refusal: 'Its weights come in pieces.' }, {}],
    [
      '400.0 MB of storage are missing, and it is larger than the memory',
      { storedBytes: 1e8 },
      { freeBytes: 4e8, memoryBytes: 5e8 },
    ],
  ])('says why it will not fit: %s', (words, more, less) => {
    const { level, reason } = judge({ ...need, ...more }, { ...room, ...less });
    expect(level).toBe('no');
    expect(reason).toContain(words);
  });

  it.each<[string, Partial<Room>]>([
    ['400.0 MB of storage are missing to keep it', { freeBytes: 5e8 }],
    ['memory', { memoryBytes: 1e9 }],
    ['storage', { freeBytes: 1e9 }],
    ['slow', { kind: 'wasm' }],
  ])('says what will be tight: %s', (words, less) => {
    const { level, reason } = judge(need, { ...room, ...less });
    expect(level).toBe('tight');
    expect(reason).toContain(words);
  });

  it('asks for no storage that is taken by the model already', () => {
    expect(judge({ ...need, storedBytes: 9e8 }, { ...room, freeBytes: 0 }).level).toBe('fits');
  });
});

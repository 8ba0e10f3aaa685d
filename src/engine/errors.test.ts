import { describe, expect, it } from 'vitest';
import { ErgoError } from '../core/errors.ts';
import { keepFeatures } from './adapter.ts';
import { chunkSize } from './decoder.ts';
import { engineError } from './errors.ts';
import { checkPicture, contextLimit, limitsOf } from './limits.ts';
import { parseManifest, profileOf } from '../models/manifest.ts';
import { testManifest } from '../models/testing.ts';

describe('errors of foreign code', () => {
  it.each([
    ['run', new Error('std::bad_alloc'), 'out-of-memory'],
    ['run', new RangeError('Array buffer allocation failed'), 'out-of-memory'],
    ['run', 134_217_728, 'out-of-memory'],
    ['run', new Error('WebGPU device lost (1): reset'), 'device-lost'],
    ['run', new DOMException('stop', 'AbortError'), 'cancelled'],
    ['run', new Error('Non-zero status code returned while running Reshape'), 'internal'],
    ['start', new Error("Can't create a session. ERROR_CODE: 7"), 'session-failed'],
    ['start', new Error('failed to allocate a buffer of size 99'), 'out-of-memory'],
    ['start', new Error('WebGPU is not supported in current environment'), 'webgpu-unavailable'],
    [
      'start',
      new Error(
        'no available backend found. ERR: [webgpu] TypeError: Failed to fetch dynamically imported module: http://host/ort/a.mjs',
      ),
      'download-interrupted',
    ],
    [
      'start',
      new Error('Aborted(both async and sync fetching of the wasm failed). Build with -s'),
      'download-interrupted',
    ],
    [
      'start',
      new Error(
        'Aborted(CompileError: WebAssembly.instantiate(): expected magic word 00 61 73 6d, found 3c)',
      ),
      'download-interrupted',
    ],
    ['run', new Error('Failed to fetch'), 'internal'],
  ] as const)('%s: %s', (stage, thrown, code) => {
    expect(engineError(thrown, stage)).toMatchObject({ code, cause: thrown });
  });

  it('keeps a code that is there already', () => {
    const error = new ErgoError('too-many-tokens', 'x');
    expect(engineError(error, 'run')).toBe(error);
  });
});

it('drops subgroups where flash attention would be wrong, and only there', () => {
  const wanted = ['shader-f16', 'subgroups', 'subgroup-size-control'];
  expect(keepFeatures(wanted, 4)).toEqual(['shader-f16']);
  expect(keepFeatures(wanted, 8)).toEqual(['shader-f16']);
  expect(keepFeatures(wanted, 32)).toEqual(wanted);
  expect(keepFeatures(wanted, undefined)).toEqual(wanted);
});

const row = (tokens: number, type: 'float32' | 'float16' = 'float32') => {
  const names = { input: 'past_key_values.0.key', output: 'present.0.key' };
  return { ...names, type, dims: [1, 2, tokens, 64], grows: tokens === 0 };
};

describe('limits', () => {
  const path = 'onnx/a.onnx';
  const files = [{ path, bytes: 1, sha256: 'a'.repeat(64) }];
  const sessions = { vision_encoder: path, embed_tokens: path, decoder_model_merged: path };
  const profile = profileOf(parseManifest(testManifest(files, sessions)));

  it('shrink chunks as a history grows, for models with many heads', () => {
    expect(chunkSize(16_384, 0, 4)).toBe(2048);
    expect(chunkSize(100, 0, 28)).toBe(100);
    const wide = chunkSize(16_384, 14_000, 28);
    expect(wide).toBe(64);
  });

  it('refuse contexts beyond the model, a buffer, or memory beside states of fixed size', () => {
    const device = { limits: { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 } };
    const limits = limitsOf(device as GPUDevice);
    expect(contextLimit(32_768, limits, [row(0)])).toBe(32_768);
    expect(contextLimit(1e6, limits, [row(0), row(5)])).toBe(2 ** 27 / 512);
    expect(contextLimit(1e6, limits, [row(0, 'float16')])).toBe(2 ** 27 / 256);
    const narrow = { tensorBytes: 2 ** 27, cacheBytes: 2 * 512 * 1000 };
    expect(contextLimit(1e6, narrow, [row(0), row(0)])).toBe(500);
    expect(contextLimit(1e6, narrow, [row(0), row(600)])).toBe(400);
    expect(contextLimit(1e6, narrow, [row(0), row(2000)])).toBe(0);
  });

  it('refuse pictures beyond a buffer', () => {
    const limits = { tensorBytes: 2 ** 27, cacheBytes: Infinity };
    expect(() => checkPicture(profile, limits, 4 * 7000)).not.toThrow();
    expect(() => checkPicture(profile, limits, 4 * 16_384)).toThrow(/16384 tokens/);
  });
});

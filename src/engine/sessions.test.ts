/** Which files become sessions on which device; onnxruntime itself is not needed for that. */
import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { DeviceKind } from '../core/contracts/model.ts';
import { parseManifest, sourceOf } from '../models/manifest.ts';
import { testManifest } from '../models/testing.ts';
import type { Runtime } from './runtime.ts';
import { openSessions } from './sessions.ts';

const sessions = {
  vision_encoder: 'onnx/vision_encoder.onnx',
  embed_tokens: 'onnx/embed_tokens.onnx',
  decoder_model_merged: 'onnx/decoder_model_merged.onnx',
};
const twin = 'onnx/decoder_model_merged_wasm.onnx';
const part = 'onnx/vision_encoder.onnx_data';
const sizes = new Map([...Object.values(sessions), part].map((path, i) => [path, 100 * (i + 1)]));
sizes.set(twin, 7);

/** @param more files with their sizes; of equal sizes, the contents are equal */
function open(device: DeviceKind, more: Readonly<Record<string, number>> = {}) {
  const all = new Map([...sizes, ...Object.entries(more)]);
  const files = [...all].map(([path, bytes]) => ({
    path,
    bytes,
    sha256: createHash('sha256').update(String(bytes)).digest('hex'),
  }));
  const manifest = parseManifest({
    ...testManifest(files, sessions),
    dtypes: { q8: { sessions, wasm: { decoder_model_merged: twin }, files: [...all.keys()] } },
  });
  const create = vi.fn<(graph: Uint8Array, options: object) => Promise<object>>(async () => ({}));
  const ort = { InferenceSession: { create } };
  const runtime = { ort, report: { used: device } } as unknown as Runtime;
  const read = vi.fn<(path: string) => Promise<Uint8Array<ArrayBuffer>>>(
    async (path) => new Uint8Array(all.get(path) ?? 0),
  );
  const opened = openSessions({
    runtime,
    source: sourceOf(manifest, { baseUrl: 'https://models.test/' }),
    dtype: 'q8',
    read,
  });
  const calls = () =>
    create.mock.calls.map(([graph, options]) => {
      const { externalData = [] } = options as {
        externalData?: { path: string; data: Uint8Array }[];
      };
      return [graph.length, ...externalData.map(({ path, data }) => `${path} ${data.length}`)];
    });
  const reads = () => read.mock.calls.map(([path]) => path);
  return { opened, calls, reads };
}

describe('openSessions', () => {
  it('opens the graphs for any device on a GPU, with their external data', async () => {
    const { opened, calls } = open('webgpu');
    expect((await opened).weightBytes).toBe(1000);
    expect(calls()).toEqual([[100, 'vision_encoder.onnx_data 400'], [200], [300]]);
  });

  it('opens a graph for wasm in its place, with the file that holds its weights', async () => {
    const { opened, calls } = open('wasm');
    expect((await opened).weightBytes).toBe(1007);
    expect(calls()[2]).toEqual([7, 'decoder_model_merged.onnx 300']);
  });

  it('reads what two sessions share once, under both names', async () => {
    const { opened, calls, reads } = open('webgpu', {
      'onnx/embed_tokens.onnx_data': 900,
      'onnx/decoder_model_merged.onnx_data': 500,
      'onnx/decoder_model_merged.onnx_data_1': 900,
    });
    await opened;
    expect(calls().slice(1)).toEqual([
      [200, 'embed_tokens.onnx_data 900'],
      [300, 'decoder_model_merged.onnx_data 500', 'decoder_model_merged.onnx_data_1 900'],
    ]);
    expect(reads().filter((path) => path.includes('_data'))).toEqual([
      part,
      'onnx/embed_tokens.onnx_data',
      'onnx/decoder_model_merged.onnx_data',
    ]);
  });
});

/** Which files become sessions on which device; onnxruntime itself is not needed for that. */
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

function open(device: DeviceKind) {
  const files = [...sizes].map(([path, bytes]) => ({ path, bytes, sha256: 'a'.repeat(64) }));
  const manifest = parseManifest({
    ...testManifest(files, sessions),
    dtypes: { q8: { sessions, wasm: { decoder_model_merged: twin }, files: [...sizes.keys()] } },
  });
  const create = vi.fn<(graph: Uint8Array, options: object) => Promise<object>>(async () => ({}));
  const ort = { InferenceSession: { create } };
  const runtime = { ort, report: { used: device } } as unknown as Runtime;
  const read = async (path: string) => new Uint8Array(sizes.get(path) ?? 0);
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
  return { opened, calls };
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
});

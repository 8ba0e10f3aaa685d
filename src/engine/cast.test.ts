/** Graphs written by hand, on onnxruntime's wasm build in Node. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-web/wasm';
import { expect, it } from 'vitest';
import { createCaster } from './cast.ts';
import { floatsOf, halfValues } from './half.ts';
import type { Runtime } from './runtime.ts';

it('casts rows to half precision and back, whatever their dims', async () => {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-web/wasm');
  ort.env.wasm.wasmPaths = pathToFileURL(`${path.dirname(entry)}/`).href;
  ort.env.wasm.numThreads = 1;
  const caster = createCaster({ ort, report: { used: 'wasm' } } as unknown as Runtime);
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

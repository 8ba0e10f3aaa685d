/** A model folder or fixture in Node, on the device that is asked for: the engine as the app has it, without a worker. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { openSources } from './import-source.mjs';

/** @typedef {import('../../src/engine/load.ts').EngineParts} EngineParts */
/** @typedef {import('../../src/models/source.ts').ModelSource} ModelSource */

/**
 * WebGPU needs `openDawn` before.
 * @param {{
 *   folder: string,
 *   source: Omit<ModelSource, 'local'>,
 *   dtype: string,
 *   device: 'wasm' | 'webgpu',
 *   validate?: boolean,
 *   parts?: Partial<EngineParts>,
 *   sources?: Awaited<ReturnType<typeof openSources>>,
 * }} request `folder` holds the source's files; `sources` to load several models by the same code
 */
export async function openInNode({ folder, source, dtype, device, validate, parts, sources }) {
  const from = sources ?? (await openSources());
  /** @type {typeof import('../../src/engine/load.ts')} */
  const { loadModel } = await from.load('src/engine/load.ts');
  /** @type {typeof import('../../src/engine/inbox.ts')} */
  const { createPatchInbox } = await from.load('src/engine/inbox.ts');
  /** @type {typeof import('../../src/models/store/store.ts')} */
  const { createStore } = await from.load('src/models/store/store.ts');
  const local = new Map(
    source.files.map(({ path: name }) => [name, new Blob([readFileSync(path.join(folder, name))])]),
  );
  const entry = createRequire(import.meta.url).resolve('onnxruntime-web/wasm');
  const runtimeUrl = pathToFileURL(`${path.dirname(entry)}/`).href;
  const inbox = createPatchInbox();
  const model = await loadModel(
    { source: { ...source, local }, dtype, device, runtimeUrl, validate },
    { weights: createStore(), inbox, ...parts },
  );
  return { model, inbox, sources: from };
}

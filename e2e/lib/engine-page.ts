/** Runs in the page: the engine through its worker, as the app uses it. */
import type { EncodedPicture, Part, VisionLanguageModel } from '../../src/core/contracts/model.ts';
import type { PatchesId, PatchMessage } from '../../src/core/contracts/pictures.ts';
import type { ResizedSize } from '../../src/core/geometry/resize.ts';
import { proveCancel, proveForks, type ForksCase } from '../../src/engine/testing/forks.ts';
import { openModel } from '../../src/models/open.ts';
import type { ModelSource } from '../../src/models/source.ts';
import { createEngineClient, type EngineClient } from '../../src/workers/clients/engine-client.ts';
import type { LoadProgress } from '../../src/workers/protocol.ts';

/** A golden case in plain data. */
export interface ReplayCase {
  /** One more than there are pictures. */
  readonly texts: readonly string[];
  readonly pictures: readonly {
    /** Float32Array in base64. */
    readonly patches: string;
    readonly grid: readonly [1, number, number];
    readonly size: ResizedSize;
  }[];
  readonly steps: number;
}

let port: MessagePort | undefined;
let engine: EngineClient | undefined;
let model: VisionLanguageModel | undefined;
let sent = 0;

function client(): EngineClient {
  engine ??= createEngineClient({ onPatchPort: (fresh) => (port = fresh) });
  return engine;
}

function loaded(): VisionLanguageModel {
  if (!model) throw new Error('no model');
  return model;
}

async function load(url: string, dtype: string, device: 'wasm' | 'webgpu', source?: ModelSource) {
  const steps: LoadProgress[] = [];
  const begin = performance.now();
  model = await client().load(
    {
      source: source ?? (await openModel(url)),
      dtype,
      device,
      runtimeUrl: new URL('/ort/', location.origin).href,
    },
    {
      onProgress: (step) => {
        steps.push(step);
        if (step.phase !== 'download' && step.phase !== 'verify') console.debug(step);
      },
    },
  );
  const phases = steps.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1]);
  const fromNetwork = steps.some((step) => step.phase === 'download' && !step.fromCache);
  return {
    device: model.info.device,
    phases,
    fromNetwork,
    milliseconds: performance.now() - begin,
  };
}

async function encode(picture: ReplayCase['pictures'][number]): Promise<EncodedPicture> {
  const binary = Uint8Array.from(atob(picture.patches), (character) => character.charCodeAt(0));
  const data = new Float32Array(binary.buffer);
  const [, rows, columns] = picture.grid;
  const id = `page-${sent++}` as PatchesId;
  const dims = [rows * columns, data.length / (rows * columns)] as const;
  const message: PatchMessage = { kind: 'patches', id, data, dims, grid: picture.grid };
  port?.postMessage(message, [data.buffer]);
  return await loaded().encode({ id, kind: 'coarse', size: picture.size });
}

/** Greedy tokens of one case, and what it cost. */
async function replay({ texts, pictures, steps }: ReplayCase) {
  const parts: Part[] = [{ type: 'text', text: texts[0] ?? '' }];
  let encodeMilliseconds = 0;
  for (const [i, described] of pictures.entries()) {
    const picture = await encode(described);
    encodeMilliseconds += picture.milliseconds;
    parts.push({ type: 'picture', picture }, { type: 'text', text: texts[i + 1] ?? '' });
  }
  const { context, prefilled, milliseconds } = await loaded().extend(null, parts);
  const tokens: number[] = [];
  let decodeMilliseconds = 0;
  while (tokens.length < steps) {
    const iterator = loaded().generate(context, { maxNewTokens: steps - tokens.length });
    for (;;) {
      const { done, value } = await iterator.next();
      if (!done) tokens.push(value.id);
      else decodeMilliseconds += value.firstTokenMilliseconds + value.decodeMilliseconds;
      if (done) break;
    }
  }
  const memory = await loaded().memory();
  await loaded().release(context);
  return { tokens, prefilled, memory, encodeMilliseconds, milliseconds, decodeMilliseconds };
}

/** Cancels after two tokens. @returns the code of the error and whether the context still works */
async function cancelled(text: string) {
  const { context, length } = await loaded().extend(null, [{ type: 'text', text }]);
  const controller = new AbortController();
  let seen = 0;
  let code = 'none';
  try {
    const options = { maxNewTokens: 500, signal: controller.signal };
    for await (const { index } of loaded().generate(context, options)) {
      seen = index + 1;
      if (seen === 2) controller.abort();
    }
  } catch (error) {
    code = (error as { code: string }).code;
  }
  const after = await loaded().extend(context, [{ type: 'text', text }]);
  await loaded().release(context);
  return { code, seen, grown: after.length - length };
}

/** Loads a model whose decoder is garbage. @returns the code of the error */
async function loadBroken(url: string, dtype: string): Promise<string> {
  const source = await openModel(url);
  const broken = source.dtypes[dtype]?.sessions.decoder_model_merged;
  const garbage = new Uint8Array(1000).fill(7);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', garbage));
  const sha256 = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const local = new Map<string, Blob>();
  for (const { path } of source.files) {
    const body =
      path === broken ? garbage : await (await fetch(new URL(path, source.baseUrl))).blob();
    local.set(path, new Blob([body]));
  }
  const files = source.files.map((file) =>
    file.path === broken ? { ...file, bytes: garbage.length, sha256 } : file,
  );
  try {
    await load(url, dtype, 'wasm', { ...source, local, files });
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const forks = (tried: ForksCase) => proveForks(loaded(), tried);

/** Cancels a prefill while it is prepared: a long one, for a short one may be done by then. */
const cancelledPrefill = (prompt: string) =>
  proveCancel(loaded(), { prompt, long: prompt.repeat(20), after: 1 });

const harness = { load, replay, cancelled, forks, cancelledPrefill, loadBroken };

export type Harness = typeof harness;

Object.assign(globalThis, { harness });

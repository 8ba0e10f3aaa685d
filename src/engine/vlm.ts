/** The model in this thread: `VisionLanguageModel` over three onnxruntime sessions. */
import type { Tensor } from 'onnxruntime-web';
import type {
  Context,
  ContextId,
  EncodedPicture,
  EncodedPictureId,
  ModelInfo,
  VisionLanguageModel,
} from '../core/contracts/model.ts';
import { ErgoError, throwIfCancelled } from '../core/errors.ts';
import { createQueue } from '../core/queue.ts';
import { createCaster } from './cast.ts';
import { createChooser } from './chooser.ts';
import { createDecoder, outputOf, type Segment, type State } from './decoder.ts';
import { engineError } from './errors.ts';
import { generateTokens } from './generate.ts';
import { heapBytes } from './heap.ts';
import { describeDecoder, describeVision, writesInPlace } from './graph.ts';
import { singles } from './half.ts';
import type { PatchInbox, Patches } from './inbox.ts';
import { checkContext, checkPicture, contextLimit, limitsOf, pictureLimit } from './limits.ts';
import { layOut, requiredId, tokenCount, wordCount } from './prompt.ts';
import type { Runtime } from './runtime.ts';
import type { Sessions } from './sessions.ts';
import { bytesOf, bytesOfAll } from './states.ts';
import { createTable } from './table.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface VlmParts {
  readonly info: ModelInfo;
  readonly runtime: Runtime;
  readonly sessions: Sessions;
  readonly tokenizer: Tokenizer;
  readonly inbox: PatchInbox;
  /** One turn of the event loop, so that a cancel can arrive between chunks. */
  readonly breathe?: (() => Promise<void>) | undefined;
  /** Tokens per call of the decoder at most. */
  readonly chunk?: number | undefined;
  readonly levers?: Partial<Levers> | undefined;
}

/** What a GPU does for decoding, on unless it is said otherwise. */
export interface Levers {
  /** Keys and values stay where they are, where the graph can write there. */
  readonly inPlace: boolean;
  /** Tokens are chosen beside the logits, of which only some come down. */
  readonly chooseOnGpu: boolean;
}

export interface LocalModel extends VisionLanguageModel {
  /** [vocabulary], what follows the context's last token; for measuring: choosing needs no copy. */
  logits(context: Context): Promise<Float32Array>;
  /** Frees everything, the sessions too. */
  dispose(): Promise<void>;
}

export async function createVlm(parts: VlmParts): Promise<LocalModel> {
  const { sessions, tokenizer, inbox, breathe } = parts;
  const { ort } = parts.runtime;
  const { profile } = parts.info;
  const gpu = await parts.runtime.gpuDevice();
  const caster = createCaster(parts.runtime);
  const levers: Levers = { inPlace: true, chooseOnGpu: true, ...parts.levers };
  const chooser = createChooser(parts.runtime, gpu, levers.chooseOnGpu);
  const { embed, decoder: languageModel } = sessions;
  const { text } = profile.architecture;
  const graph = describeDecoder(languageModel, text);
  const { rows, states } = graph;
  const limits = limitsOf(gpu);
  const limit = contextLimit(profile.contextTokens, limits, states);
  const specs = states.filter(({ grows }) => grows);
  const isInPlace = gpu !== null && levers.inPlace && writesInPlace(sessions.decoderNodes, states);
  const decoder = createDecoder({
    ort,
    gpu,
    embed,
    decoder: languageModel,
    caster,
    graph,
    inPlace: isInPlace ? { ort, gpu, specs, limit } : null,
    text,
    chunk: parts.chunk,
  });
  const vision = describeVision(sessions.vision);
  const holds = { context: limit, picture: pictureLimit(profile, limits) };
  const info = { ...parts.info, holds };
  const turnEndId = requiredId(tokenizer, profile.stop[0]);
  const stopIds = new Set([
    ...profile.stop.flatMap((token) => tokenizer.idOf(token) ?? []),
    ...profile.stopIds,
  ]);

  const contexts = createTable<ContextId, State>('context');
  const pictures = createTable<EncodedPictureId, Tensor>('picture');
  const enqueue = createQueue();
  // A run on a lost device may never settle.
  const lost = gpu?.lost.then(({ message }) => {
    throw new ErgoError('device-lost', `The graphics device was lost (${message}).`);
  });
  lost?.catch(() => undefined);

  /** One job at a time on the device, errors with a code of ours. */
  function run<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return enqueue(async () => {
      try {
        return await (lost ? Promise.race([job(), lost]) : job());
      } catch (thrown) {
        throw engineError(thrown, 'run');
      }
    }, signal);
  }

  async function runVision({ data, dims, grid }: Patches): Promise<Tensor> {
    const patches = new ort.Tensor('float32', data, [...dims]);
    const outputs = await sessions.vision.run(
      {
        pixel_values: await caster.cast(patches, vision.type),
        [vision.grid]: new ort.Tensor('int64', BigInt64Array.from(grid, BigInt), [1, 3]),
      },
      ['image_features'],
    );
    const features = await caster.cast(outputOf(outputs, 'image_features'), rows.type);
    // Without outputs on the CPU `run` returns when the work is submitted, not when it is done.
    await gpu?.queue.onSubmittedWorkDone();
    const width = features.dims.at(-1);
    if (width === rows.width) return features;
    features.dispose();
    const message = `Its image features have ${width} values, its embeddings ${rows.width}.`;
    throw new ErgoError('model-unsupported', message);
  }

  function pictureOf(picture: EncodedPicture): Extract<Segment, { kind: 'picture' }> {
    return { kind: 'picture', features: pictures.get(picture.id), grid: picture.size.grid };
  }

  /** A stop token other than the turn's own end was never run, and gives way to it. */
  function beforeTurnEnd(state: State): State {
    const last = state.pending.at(-1);
    if (last === undefined || last === turnEndId || !stopIds.has(last)) return state;
    return { ...state, pending: state.pending.slice(0, -1), lastId: null };
  }

  /** Runs what was generated and not run yet, so that something follows. */
  async function caughtUp({ id }: Context): Promise<{ state: State; logits: Tensor }> {
    let state = contexts.get(id);
    if (state.pending.length > 0) {
      checkContext(state.length + state.pending.length, limit);
      const next = await decoder.extend(state, []);
      state.states.release();
      state = next;
      contexts.set(id, state);
    }
    const { logits } = state.states;
    if (!logits) throw new ErgoError('bad-request', 'The context is empty.');
    return { state, logits };
  }

  return {
    info,

    async encode(ref, signal) {
      const patches = await inbox.take(ref.id, signal);
      const [, rows, columns] = patches.grid;
      const { grid } = ref.size;
      const merge = profile.image.mergeSize;
      if (rows !== grid.rows * merge || columns !== grid.columns * merge) {
        throw new ErgoError(
          'bad-request',
          `${rows} x ${columns} patches do not fit their picture.`,
        );
      }
      checkPicture(profile, limits, rows * columns);
      return await run(async () => {
        const begin = performance.now();
        const tensor = await runVision(patches);
        const milliseconds = performance.now() - begin;
        await breathe?.();
        if (signal?.aborted) {
          tensor.dispose();
          throwIfCancelled(signal);
        }
        const id = pictures.add(tensor);
        return { id, kind: ref.kind, size: ref.size, milliseconds };
      }, signal);
    },

    extend: (context, added, signal, onProgress) =>
      run(async () => {
        const begin = performance.now();
        const found = context ? contexts.get(context.id) : decoder.start();
        const state = added[0]?.type === 'turn-end' ? beforeTurnEnd(found) : found;
        const prompt = { tokenizer, turnEnd: profile.stop[0], pictureOf };
        const segments = layOut(added, prompt, state.lastId);
        const prefilled = state.pending.length + tokenCount(segments);
        checkContext(state.length + prefilled, limit, () => wordCount(added, tokenizer));
        const next = await decoder.extend(state, segments, { signal, breathe, onProgress });
        await breathe?.();
        if (signal?.aborted) {
          next.states.release();
          throwIfCancelled(signal);
        }
        found.states.release();
        const id = context?.id ?? contexts.add(next);
        contexts.set(id, next);
        return {
          context: { id },
          prefilled,
          reused: state.length,
          length: next.length,
          milliseconds: performance.now() - begin,
        };
      }, signal),

    generate: (context, options) =>
      generateTokens(
        {
          tokenizer,
          stopIds,
          next: (sampling, signal) =>
            run(async () => {
              const { state, logits } = await caughtUp(context);
              const choice = await chooser.choose(logits, sampling);
              contexts.set(context.id, { ...state, pending: [choice.id], lastId: choice.id });
              return choice;
            }, signal),
        },
        options,
      ),

    logits: (context) =>
      run(async () => singles(await chooser.read((await caughtUp(context)).logits))),

    fork: (context, signal) =>
      run(async () => {
        const state = contexts.get(context.id);
        state.states.retain();
        return { id: contexts.add(state) };
      }, signal),

    release: (context) => run(async () => contexts.remove(context.id)?.states.release()),

    releasePicture: (picture) => run(async () => pictures.remove(picture.id)?.dispose()),

    count: async (text) => wordCount([{ type: 'words', text }], tokenizer),

    async memory() {
      return {
        weights: sessions.weightBytes,
        keyValues: bytesOfAll(contexts.values().map((state) => state.states)),
        pictures: pictures.values().reduce((sum, tensor) => sum + bytesOf(tensor), 0),
        wasmHeap: heapBytes(),
      };
    },

    // Not by `run`: with its last session onnxruntime lets go of the device, which is no loss here.
    dispose: () =>
      enqueue(async () => {
        for (const { states } of contexts.values()) states.release();
        for (const tensor of pictures.values()) tensor.dispose();
        await caster.release();
        await chooser.release();
        await sessions.release();
      }),
  };
}

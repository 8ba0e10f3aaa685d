/** A model and a picture that follow a script, for tests in Node. They count what they hand out. */
import type {
  Context,
  ContextId,
  EncodedPicture,
  EncodedPictureId,
  ModelInfo,
  Part,
  VisionLanguageModel,
} from '../../contracts/model.ts';
import type { OpenPicture, PatchesId, PictureId, PictureView } from '../../contracts/pictures.ts';
import type { ModelProfile } from '../../contracts/profile.ts';
import { ErgoError, throwIfCancelled } from '../../errors.ts';
import { fillBudget, nativeTokens, smartResize, type ResizedSize } from '../../geometry/resize.ts';
import { wholeBox, type Box, type Size } from '../../geometry/size.ts';
import { TINY_PROFILE } from './tiny-profile.ts';

export interface Script {
  /** What the model writes, one per call of generate; a token per character. */
  readonly replies: readonly string[];
  readonly profile?: ModelProfile;
  readonly fallbackReason?: string;
  readonly holds?: ModelInfo['holds'];
  /** Called before every verb; may throw. */
  readonly before?: (verb: string) => void;
}

export interface ScriptedModel extends VisionLanguageModel {
  /** What is not released yet. */
  alive(): { contexts: number; pictures: number };
  /** Patches that were turned into features. */
  readonly encoded: PatchesId[];
  /** What every generation saw: pictures as "<coarse 80>". */
  readonly prompts: string[];
  readonly log: string[];
}

export function scriptedModel(script: Script): ScriptedModel {
  const contexts = new Map<string, { text: string; length: number }>();
  const pictures = new Set<string>();
  const encoded: PatchesId[] = [];
  const prompts: string[] = [];
  const log: string[] = [];
  let ids = 0;
  let replies = 0;

  const begin = (verb: string): void => {
    log.push(verb);
    script.before?.(verb);
  };
  const newContext = (state: { text: string; length: number }): Context => {
    const id = `context-${++ids}` as ContextId;
    contexts.set(id, { ...state });
    return { id };
  };
  const stateOf = (context: Context): { text: string; length: number } => {
    const state = contexts.get(context.id);
    if (state === undefined) throw new ErgoError('bad-request', `${context.id} was released.`);
    return state;
  };

  return {
    alive: () => ({ contexts: contexts.size, pictures: pictures.size }),
    encoded,
    prompts,
    log,
    info: {
      profile: script.profile ?? TINY_PROFILE,
      dtype: 'q8',
      holds: script.holds,
      device: {
        requested: 'auto',
        used: 'wasm',
        adapter: null,
        fallback: script.fallbackReason !== undefined,
        fallbackReason: script.fallbackReason ?? null,
        threads: 1,
      },
    },
    async encode(patches, signal) {
      begin('encode');
      throwIfCancelled(signal);
      const id = `picture-${++ids}` as EncodedPictureId;
      pictures.add(id);
      encoded.push(patches.id);
      return { id, kind: patches.kind, size: patches.size, milliseconds: 5 };
    },
    async extend(context, parts, signal) {
      begin('extend');
      throwIfCancelled(signal);
      const target = context ?? newContext({ text: '', length: 0 });
      const state = stateOf(target);
      const reused = state.length;
      for (const part of parts) {
        const [text, length] = spelled(part, state.text, pictures);
        state.text += text;
        state.length += length;
      }
      const { length } = state;
      return { context: target, prefilled: length - reused, reused, length, milliseconds: 7 };
    },
    async *generate(context, { signal, maxNewTokens }) {
      begin('generate');
      const state = stateOf(context);
      prompts.push(state.text);
      const reply = script.replies[replies++] ?? '';
      const characters = reply.split('').slice(0, maxNewTokens);
      for (const [index, text] of characters.entries()) {
        throwIfCancelled(signal);
        yield { index, id: text.codePointAt(0) ?? 0, text, logProbability: 0, alternatives: [] };
        state.text += text;
        state.length += 1;
      }
      const isWhole = characters.length === reply.length;
      if (isWhole) state.text += '<|im_end|>';
      return {
        text: characters.join(''),
        tokenIds: characters.map((text) => text.codePointAt(0) ?? 0),
        stop: isWhole ? 'stop-token' : 'length',
        firstTokenMilliseconds: 1,
        decodeMilliseconds: characters.length,
      };
    },
    async fork(context, signal) {
      begin('fork');
      throwIfCancelled(signal);
      return newContext(stateOf(context));
    },
    async release(context) {
      contexts.delete(context.id);
    },
    async releasePicture(picture: EncodedPicture) {
      pictures.delete(picture.id);
    },
    count: async (words) => words.length,
    memory: async () => ({ weights: 0, keyValues: 0, pictures: 0, wasmHeap: null }),
  };
}

/** A token per character of text. */
function spelled(part: Part, before: string, pictures: Set<string>): [string, number] {
  if (part.type === 'text' || part.type === 'words') return [part.text, part.text.length];
  if (part.type === 'turn-end') return before.endsWith('<|im_end|>') ? ['', 0] : ['<|im_end|>', 1];
  const { id, kind, size } = part.picture;
  if (!pictures.has(id)) throw new ErgoError('bad-request', `${id} was released.`);
  return [`<${kind} ${size.tokens}>`, size.tokens + 2];
}

export interface ScriptedPicture extends OpenPicture {
  /** Regions that were cut, with their budgets. */
  readonly cuts: { readonly region: Box<'original'>; readonly budget: number }[];
  /** Patches that were handed out. */
  readonly sent: PatchesId[];
  readonly discarded: PatchesId[];
}

/** @param image the model's rules */
export function scriptedPicture(size: Size, image = TINY_PROFILE.image): ScriptedPicture {
  const cuts: ScriptedPicture['cuts'] = [];
  const sent: PatchesId[] = [];
  const discarded: PatchesId[] = [];
  let ids = 0;
  const view = (
    kind: 'coarse' | 'full' | 'crop',
    source: Box<'original'>,
    shown: ResizedSize,
  ): PictureView => {
    const id = `patches-${++ids}` as PatchesId;
    sent.push(id);
    const timings = { decode: 3, resize: 2, patchify: 1 };
    return { patches: { id, kind, size: shown }, source, preview: null, statistics: null, timings };
  };
  return {
    id: 'picture' as PictureId,
    cuts,
    sent,
    discarded,
    info: {
      ...size,
      nativeTokens: nativeTokens(size, image.pixelsPerToken),
      type: 'image/jpeg',
      bytes: 1000,
    },
    async view(kind, { budget, signal }) {
      throwIfCancelled(signal);
      return view(
        kind,
        wholeBox('original', size),
        smartResize(size, { ...image, maxTokens: budget }),
      );
    },
    async crop(region, { budget, signal }) {
      throwIfCancelled(signal);
      cuts.push({ region, budget });
      const { pixelsPerToken } = image;
      return view('crop', region, fillBudget(region, { pixelsPerToken, budget }));
    },
    discard: async ({ id }) => void discarded.push(id),
    close: async () => {},
  };
}

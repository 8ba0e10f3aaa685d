/**
 * What every question about a picture begins with: the whole picture, encoded once, and prefilled
 * once per beginning of a conversation. Policies know nothing of it. They ask picture and model as
 * ever; where a conversation begins like an earlier one, they get a fork of that one's context. It
 * is what vLLM calls automatic prefix caching and ERGO's authors recommend, for one picture.
 */
import type {
  Context,
  EncodedPicture,
  OnProgress,
  Part,
  VisionLanguageModel,
} from '../contracts/model.ts';
import type { OpenPicture, PictureView } from '../contracts/pictures.ts';
import type { Opening } from '../policies/definition.ts';
import { opening } from '../protocol/chat.ts';
import { shareWork, type SharedWork } from './shared-work.ts';

/** The whole picture at one size. */
export type HeldView = Pick<Opening, 'kind' | 'budget'>;

export interface PrefixCache {
  /** As the ones given, but that nothing is done twice. What the cache holds, others cannot free. */
  readonly model: VisionLanguageModel;
  readonly picture: OpenPicture;
  /** The view, if it has been seen already. */
  readonly view: PictureView | null;
  /**
   * Does the work before somebody asks for it; the first who asks pays.
   * @returns was there anything to do?
   */
  prepare(system: string): Promise<boolean>;
  /** Stops what is under way and frees everything. Never throws. */
  release(): Promise<void>;
}

interface Beginning {
  readonly context: Context;
  readonly tokens: number;
  readonly milliseconds: number;
}

/** Beginnings of conversations that are kept: one per system prompt of a model's policies. */
const MOST = 4;

/** @param previews views come with pixels for the eye; whoever made the cache closes them */
export function createPrefixCache(
  model: VisionLanguageModel,
  source: OpenPicture,
  held: HeldView,
  previews: boolean,
): PrefixCache {
  const leaving = new AbortController();
  const { signal: left } = leaving;
  let viewing: SharedWork<PictureView> | null = null;
  let encoding: SharedWork<EncodedPicture> | null = null;
  const beginnings = new Map<string, SharedWork<Beginning>>();
  /** Whoever waits for a beginning hears how far it is. */
  const waiting = new Set<OnProgress>();
  const tell: OnProgress = (done, total) => {
    for (const onProgress of waiting) onProgress(done, total);
  };

  function look(): SharedWork<PictureView> {
    const { kind, budget } = held;
    const statistics = model.info.profile.world !== null;
    const view = source.view(kind, { budget, preview: previews, statistics, signal: left });
    const work = (viewing = shareWork(view));
    view.catch(() => (viewing = null));
    return work;
  }

  function encode(patches: PictureView['patches']): SharedWork<EncodedPicture> {
    const picture = model.encode(patches, left);
    const work = (encoding = shareWork(picture));
    // The patches are gone with it.
    picture.catch(() => (viewing = encoding = null));
    return work;
  }

  /** @param start up to and including the picture that is held */
  function workOf(start: readonly Part[]): SharedWork<Beginning> {
    const key = keyOf(start);
    return beginnings.get(key) ?? begin(key, start);
  }

  function begin(key: string, parts: readonly Part[]): SharedWork<Beginning> {
    const extended = model
      .extend(null, parts, left, tell)
      .then(({ context, length, milliseconds }) => ({ context, tokens: length, milliseconds }));
    const work = shareWork(extended);
    beginnings.set(key, work);
    extended.catch(() => beginnings.delete(key));
    const [oldest] = beginnings.keys();
    if (beginnings.size > MOST && oldest !== undefined) {
      free(beginnings.get(oldest)).catch(() => undefined);
      beginnings.delete(oldest);
    }
    return work;
  }

  async function free(work: SharedWork<Beginning> | undefined): Promise<void> {
    const beginning = await work?.wait();
    if (beginning) await model.release(beginning.context);
  }

  const isHeld = async (id: EncodedPicture['id']): Promise<boolean> =>
    (await encoding?.wait().catch(() => null))?.id === id;

  const cached: VisionLanguageModel = {
    ...model,
    async encode(patches, signal) {
      const view = await viewing?.wait().catch(() => null);
      if (view?.patches.id !== patches.id) return model.encode(patches, signal);
      const work = encoding ?? encode(patches);
      const picture = await work.wait(signal);
      return work.claim() ? picture : { ...picture, milliseconds: 0, reused: true };
    },
    async extend(context, parts, signal, onProgress) {
      const at = parts.findIndex(({ type }) => type === 'picture');
      const first = parts[at];
      const begins = context === null && first?.type === 'picture';
      if (!begins || !(await isHeld(first.picture.id)))
        return model.extend(context, parts, signal, onProgress);
      const start = parts.slice(0, at + 1);
      const work = workOf(start);
      if (onProgress) waiting.add(onProgress);
      const {
        context: held,
        tokens,
        milliseconds,
      } = await work.wait(signal).finally(() => {
        if (onProgress) waiting.delete(onProgress);
      });
      const isMine = work.claim();
      const mine = {
        context: await model.fork(held, signal),
        milliseconds: isMine ? milliseconds : 0,
      };
      const paid = isMine ? tokens : 0;
      const rest = parts.slice(at + 1);
      if (rest.length === 0) {
        return { ...mine, prefilled: paid, reused: tokens - paid, length: tokens };
      }
      try {
        const more = await model.extend(mine.context, rest, signal, onProgress);
        return {
          ...more,
          prefilled: more.prefilled + paid,
          reused: more.reused - paid,
          milliseconds: more.milliseconds + mine.milliseconds,
        };
      } catch (thrown) {
        await model.release(mine.context).catch(() => undefined);
        throw thrown;
      }
    },
    async releasePicture(picture) {
      if (!(await isHeld(picture.id))) await model.releasePicture(picture);
    },
  };

  const picture: OpenPicture = {
    ...source,
    async view(kind, options) {
      if (kind !== held.kind || options.budget !== held.budget) return source.view(kind, options);
      const work = viewing ?? look();
      const view = await work.wait(options.signal);
      return work.claim() ? view : { ...view, timings: { decode: 0, resize: 0, patchify: 0 } };
    },
    async discard(patches) {
      const view = await viewing?.wait().catch(() => null);
      if (view?.patches.id !== patches.id) await source.discard(patches);
    },
  };

  return {
    model: cached,
    picture,
    get view() {
      return viewing?.result ?? null;
    },
    async prepare(system) {
      const { patches } = await (viewing ?? look()).wait(left);
      const encoded = await (encoding ?? encode(patches)).wait(left);
      const start = opening(model.info.profile.chat, system, [encoded]);
      const isThere = beginnings.has(keyOf(start));
      await workOf(start).wait(left);
      return !isThere;
    },
    async release() {
      leaving.abort();
      const works = [...beginnings.values()];
      beginnings.clear();
      const [seen, shown] = [viewing, encoding];
      viewing = encoding = null;
      await Promise.allSettled([
        ...works.map(free),
        shown?.wait().then((encoded) => model.releasePicture(encoded)),
        shown ?? seen?.wait().then(({ patches }) => source.discard(patches)),
      ]);
    },
  };
}

/** What stands before the picture, which is the same for all. */
function keyOf(start: readonly Part[]): string {
  return JSON.stringify(start.slice(0, -1));
}

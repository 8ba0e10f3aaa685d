/** What a session keeps for the next question: the first look, and where a region was named. */
import type { Context, VisionLanguageModel } from '../contracts/model.ts';
import type { OpenPicture, PictureView } from '../contracts/pictures.ts';
import type { Opening } from '../policies/definition.ts';
import { createPrefixCache, type PrefixCache } from './prefix-cache.ts';

/** A located context is of one model, one question and one size of the coarse view. */
export interface Located {
  readonly model: VisionLanguageModel;
  readonly text: string;
  readonly coarse: number;
}

/** Model and picture for a run. */
export interface Prefix {
  readonly model: VisionLanguageModel;
  readonly picture: OpenPicture;
  /** Milliseconds that went by ahead of it, if it is the first to go on from there. */
  readonly aheadMs: number;
}

export interface Kept {
  /** @param opening of the run; another one than before frees what is there */
  prefix(model: VisionLanguageModel, opening: Opening): Prefix;
  /**
   * Makes the first look.
   * @returns is it there, and still wanted? Null if it was asked for already
   */
  ahead(model: VisionLanguageModel, opening: Opening): Promise<boolean> | null;
  /** What the first look showed; null before it. */
  view(): PictureView | null;
  /** The context in which this model named a region for this question. */
  located(of: Located): Context | null;
  /** @param signal fired means that nobody will ask about it again */
  keep(context: Context, of: Located, signal: AbortSignal): void;
  releaseLocated(): Promise<void>;
  release(): Promise<void>;
}

interface Ahead {
  readonly system: string;
  readonly from: number;
  /** Null while it lasts. */
  to: number | null;
}

export function createKept(parts: {
  readonly picture: OpenPicture;
  readonly now: () => number;
  readonly previews: boolean;
}): Kept {
  const { picture, now, previews } = parts;
  let cache: { readonly of: VisionLanguageModel; readonly key: string; is: PrefixCache } | null =
    null;
  let ahead: Ahead | null = null;
  let located: { readonly context: Context; readonly of: Located } | null = null;

  function cacheOf(model: VisionLanguageModel, { kind, budget }: Opening): PrefixCache {
    const key = `${kind} ${budget}`;
    if (cache?.of === model && cache.key === key) return cache.is;
    void releasePrefix();
    const is = createPrefixCache(model, picture, { kind, budget }, previews);
    cache = { of: model, key, is };
    return is;
  }

  async function releasePrefix(): Promise<void> {
    const last = cache?.is;
    cache = ahead = null;
    await last?.release();
  }

  async function releaseLocated(): Promise<void> {
    const last = located;
    located = null;
    // A model that is gone has freed it already.
    await last?.of.model.release(last.context).catch(() => undefined);
  }

  return {
    prefix(model, opening) {
      const { model: cached, picture: held } = cacheOf(model, opening);
      const aheadMs = ahead ? (ahead.to ?? now()) - ahead.from : 0;
      ahead = null;
      return { model: cached, picture: held, aheadMs };
    },
    ahead(model, opening) {
      const { system } = opening;
      const target = cacheOf(model, opening);
      if (ahead?.system === system) return null;
      const from = now();
      const mine: Ahead = { system, from, to: null };
      ahead = mine;
      // What is wrong is told when something is asked.
      return target.prepare(system).then(
        (didWork) => {
          mine.to = didWork ? now() : from;
          return cache?.is === target;
        },
        () => {
          if (ahead === mine) ahead = null;
          return false;
        },
      );
    },
    view: () => cache?.is.view ?? null,
    located({ model, text, coarse }) {
      const of = located?.of;
      const isSame = of?.model === model && of.text === text && of.coarse === coarse;
      return isSame ? (located?.context ?? null) : null;
    },
    keep(context, of, signal) {
      if (signal.aborted) return void of.model.release(context).catch(() => undefined);
      void releaseLocated();
      located = { context, of };
    },
    releaseLocated,
    async release() {
      await Promise.all([releasePrefix(), releaseLocated()]);
    },
  };
}

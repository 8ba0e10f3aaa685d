/**
 * What a run has to give back: contexts (KV caches), image features and patches. It also knows how
 * many tokens each context holds, so that work done twice can be counted.
 */
import type { Context, EncodedPicture, VisionLanguageModel } from '../contracts/model.ts';
import type { OpenPicture, PatchesRef, PictureView } from '../contracts/pictures.ts';
import { within } from '../within.ts';

export interface Holdings {
  /** @param tokens whose KV it holds */
  context<C extends Context>(context: C, tokens: number): C;
  /** 0 for a context of another run. */
  tokensOf(context: Context): number;
  /** A view that was begun before its stage; given back if nobody comes to look at it. */
  ahead(view: Promise<PictureView>): Promise<PictureView>;
  /** From the look until `picture` says what became of them. */
  patches(patches: PatchesRef): void;
  picture(picture: EncodedPicture, of: PatchesRef): EncodedPicture;
  /**
   * Releases everything. Never throws: a lost device has released it already. Does not wait for
   * what hangs.
   */
  releaseAll(): Promise<void>;
}

export function createHoldings(model: VisionLanguageModel, source: OpenPicture): Holdings {
  const contexts = new Map<string, { readonly context: Context; readonly tokens: number }>();
  const pictures = new Map<string, EncodedPicture>();
  const waiting = new Map<string, PatchesRef>();
  const ahead = new Set<Promise<PictureView>>();
  const looked = new Set<string>();
  const discardUnseen = async (view: Promise<PictureView>): Promise<void> => {
    const { patches, preview } = await view;
    if (looked.has(patches.id)) return;
    preview?.close();
    await source.discard(patches);
  };
  return {
    context(context, tokens) {
      contexts.set(context.id, { context, tokens });
      return context;
    },
    tokensOf: ({ id }) => contexts.get(id)?.tokens ?? 0,
    ahead(view) {
      // Whoever looks hears of a failure; without one nobody has to.
      view.catch(() => undefined);
      ahead.add(view);
      return view;
    },
    patches(patches) {
      looked.add(patches.id);
      waiting.set(patches.id, patches);
    },
    picture(picture, of) {
      waiting.delete(of.id);
      pictures.set(picture.id, picture);
      return picture;
    },
    async releaseAll() {
      const released = [
        ...[...contexts.values()].map(({ context }) => model.release(context)),
        ...[...pictures.values()].map((picture) => model.releasePicture(picture)),
        ...[...waiting.values()].map((patches) => source.discard(patches)),
        ...[...ahead].map(discardUnseen),
      ];
      contexts.clear();
      pictures.clear();
      waiting.clear();
      ahead.clear();
      await within(Promise.allSettled(released));
    },
  };
}

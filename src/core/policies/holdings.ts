/**
 * What a run has to give back: contexts (KV caches), image features and patches. It also knows how
 * many tokens each context holds, so that work done twice can be counted.
 */
import type { Context, EncodedPicture, VisionLanguageModel } from '../contracts/model.ts';
import type { OpenPicture, PatchesRef } from '../contracts/pictures.ts';

export interface Holdings {
  /** @param tokens whose KV it holds */
  context<C extends Context>(context: C, tokens: number): C;
  /** 0 for a context of another run. */
  tokensOf(context: Context): number;
  /** From the view until `picture` says what became of them. */
  patches(patches: PatchesRef): void;
  picture(picture: EncodedPicture, of: PatchesRef): EncodedPicture;
  /** Releases everything. Never throws: a lost device has released it already. */
  releaseAll(): Promise<void>;
}

export function createHoldings(model: VisionLanguageModel, source: OpenPicture): Holdings {
  const contexts = new Map<string, { readonly context: Context; readonly tokens: number }>();
  const pictures = new Map<string, EncodedPicture>();
  const waiting = new Map<string, PatchesRef>();
  return {
    context(context, tokens) {
      contexts.set(context.id, { context, tokens });
      return context;
    },
    tokensOf: ({ id }) => contexts.get(id)?.tokens ?? 0,
    patches: (patches) => void waiting.set(patches.id, patches),
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
      ];
      contexts.clear();
      pictures.clear();
      waiting.clear();
      await Promise.allSettled(released);
    },
  };
}

/** What a run has to give back: contexts (KV caches), image features and patches. */
import type { Context, EncodedPicture, VisionLanguageModel } from '../contracts/model.ts';
import type { OpenPicture, PatchesRef } from '../contracts/pictures.ts';

export interface Holdings {
  context<C extends Context>(context: C): C;
  /** From the view until `picture` says what became of them. */
  patches(patches: PatchesRef): void;
  picture(picture: EncodedPicture, of: PatchesRef): EncodedPicture;
  /** Releases everything. Never throws: a lost device has released it already. */
  releaseAll(): Promise<void>;
}

export function createHoldings(model: VisionLanguageModel, source: OpenPicture): Holdings {
  const contexts = new Map<string, Context>();
  const pictures = new Map<string, EncodedPicture>();
  const waiting = new Map<string, PatchesRef>();
  return {
    context(context) {
      contexts.set(context.id, context);
      return context;
    },
    patches: (patches) => void waiting.set(patches.id, patches),
    picture(picture, of) {
      waiting.delete(of.id);
      pictures.set(picture.id, picture);
      return picture;
    },
    async releaseAll() {
      const released = [
        ...[...contexts.values()].map((context) => model.release(context)),
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

/** What a run has to give back: contexts (KV caches) and image features. */
import type { Context, EncodedPicture, VisionLanguageModel } from '../contracts/model.ts';

export interface Holdings {
  context<C extends Context>(context: C): C;
  picture(picture: EncodedPicture): EncodedPicture;
  /** Releases everything. Never throws: a lost device has released it already. */
  releaseAll(): Promise<void>;
}

export function createHoldings(model: VisionLanguageModel): Holdings {
  const contexts = new Map<string, Context>();
  const pictures = new Map<string, EncodedPicture>();
  return {
    context(context) {
      contexts.set(context.id, context);
      return context;
    },
    picture(picture) {
      pictures.set(picture.id, picture);
      return picture;
    },
    async releaseAll() {
      const waiting = [
        ...[...contexts.values()].map((context) => model.release(context)),
        ...[...pictures.values()].map((picture) => model.releasePicture(picture)),
      ];
      contexts.clear();
      pictures.clear();
      await Promise.allSettled(waiting);
    },
  };
}

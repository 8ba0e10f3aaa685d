/** What the engine needs of a store: the files of a model, wherever they come from. */
import type { ModelSource } from './source.ts';

/** Steps of a download, about ten a second. */
export type WeightsProgress =
  | {
      readonly phase: 'download';
      readonly file: string;
      readonly loadedBytes: number;
      readonly totalBytes: number;
      /** Over all files. */
      readonly loadedOfAll: number;
      readonly totalOfAll: number;
      readonly fromCache: boolean;
    }
  | { readonly phase: 'verify'; readonly file: string }
  /** Nothing comes for a while; the sentence says why. */
  | {
      readonly phase: 'waiting';
      readonly reason: 'retry' | 'rate-limit' | 'other-tab';
      /** Null: as long as the other tab takes. */
      readonly milliseconds: number | null;
      readonly message: string;
    }
  /** The model runs, but will have to be downloaded again in the next visit. */
  | { readonly phase: 'not-kept'; readonly message: string };

export interface ReadOptions {
  readonly progress?: (step: WeightsProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Gives each file once, in one array; what is large is read from the store only then. */
export type FileReader = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

export interface Weights {
  /**
   * Makes sure that all files of a dtype are here and whole.
   * @throws ErgoError `download-interrupted`, `weights-missing`, `weights-corrupt`, `hub-…`,
   *   `model-unsupported`, `out-of-memory`, `cancelled`
   */
  read(source: ModelSource, dtype: string, options?: ReadOptions): Promise<FileReader>;
}

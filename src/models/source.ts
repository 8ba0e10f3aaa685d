/** Where a model's files are. Plain data: it crosses to the engine worker. */
import type { Manifest } from './manifest.ts';

export interface ModelSource {
  readonly manifest: Manifest;
  /** Absolute URL of the folder that holds manifest.json, with a slash at its end. */
  readonly baseUrl: string;
  /** Files of a folder that the person picked, by their path in it; instead of the URL. */
  readonly files?: ReadonlyMap<string, Blob>;
}

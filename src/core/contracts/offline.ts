/** What the page tells the service worker, and the list that the build gives it. */
import type { DeviceKind } from './model.ts';

export type OfflineMessage =
  /** A model runs here: what else is needed without a network is fetched now. */
  | { readonly type: 'keep'; readonly device: DeviceKind }
  /** A person agreed to go over to this build. */
  | { readonly type: 'take-over' };

/** Every file of the build that may be kept, by its path below the page's folder: SHA-256, base64. */
export type BuildList = Readonly<Record<string, string>>;

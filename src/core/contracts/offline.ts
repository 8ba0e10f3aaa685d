/** What the page tells the service worker, and the list that the build gives it. */
import type { DeviceKind } from './model.ts';

export type OfflineMessage =
  /** A model runs here: what else is needed without a network is fetched now. */
  | { readonly type: 'keep'; readonly device: DeviceKind }
  /** A person agreed to go over to this build. */
  | { readonly type: 'take-over' };

/** Every file of the build that may be kept, by its path below the page's folder: SHA-256, base64. */
export type BuildList = Readonly<Record<string, string>>;

/** Where the service worker lays pictures that another app shares, until the page takes them. */
export const SHARED_CACHE = 'ergo-shared-1';
/** Of such a picture's file name, in percent-encoding: headers hold no other letters. */
export const SHARED_NAME = 'X-File-Name';
/** Of the manifest's share_target: the address that is posted to, and the field of the pictures. */
export const SHARE = { path: 'share-target', field: 'pictures' } as const;
/** What the page is opened with afterwards: `./?shared`. */
export const SHARED_QUERY = 'shared';

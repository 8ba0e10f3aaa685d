/** Pictures that the system hands over: from the share sheet, or opened with the installed page. */
import { SHARED_CACHE, SHARED_NAME, SHARED_QUERY } from '../../../core/contracts/offline.ts';
import { ErgoError } from '../../../core/errors.ts';

/** The part of the File Handling API that is not in TypeScript's library. */
interface LaunchQueue {
  setConsumer(
    consumer: (launch: { readonly files?: readonly FileSystemFileHandle[] }) => void,
  ): void;
}

/**
 * @param search the query of the page's address
 * @param caches where the service worker laid the pictures; they are gone from there afterwards
 * @returns null if nothing was shared
 * @throws ErgoError `file-unreadable` if something was, and is not there
 */
export async function sharedFiles(
  search: string,
  caches: Pick<CacheStorage, 'open' | 'delete'>,
): Promise<File[] | null> {
  if (!new URLSearchParams(search).has(SHARED_QUERY)) return null;
  const cache = await caches.open(SHARED_CACHE);
  const requests = await cache.keys();
  const files = await Promise.all(
    requests.map(async (request) => {
      const response = await cache.match(request);
      const blob = (await response?.blob()) ?? new Blob();
      const name = decodeURIComponent(response?.headers.get(SHARED_NAME) ?? '');
      return new File([blob], name || 'Shared picture', { type: blob.type });
    }),
  );
  await caches.delete(SHARED_CACHE);
  if (files.length > 0) return files;
  throw new ErgoError('file-unreadable', 'The shared picture did not arrive.');
}

/** The address without what was said once: a reload is no second sharing. */
export function withoutShared(url: URL): string {
  const rest = new URL(url);
  rest.searchParams.delete(SHARED_QUERY);
  return rest.href;
}

/** Calls back whenever files are opened with the installed page. */
export function onOpenedWith(
  take: (files: readonly File[]) => void,
  onError: (thrown: unknown) => void,
): void {
  const { launchQueue } = globalThis as { launchQueue?: LaunchQueue };
  launchQueue?.setConsumer(({ files = [] }) => {
    if (files.length === 0) return;
    Promise.all(files.map((handle) => handle.getFile()))
      .then(take)
      .catch(onError);
  });
}

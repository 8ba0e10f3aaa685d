/** The share sheet of a system posts pictures to the page; without a server somebody has to take them. */
import { SHARE, SHARED_CACHE, SHARED_NAME, SHARED_QUERY } from '../core/contracts/offline.ts';

interface Place {
  /** URL of the folder that the page lies in, with a slash at its end. */
  readonly scope: string;
  readonly caches: Pick<CacheStorage, 'open' | 'delete'>;
}

/**
 * Lays the pictures down for the page, and sends the browser there. What cannot be laid down (no
 * room, not a form) is missing there, and the page says so. Pictures that nobody took are dropped.
 */
export async function takeShared(request: Request, { scope, caches }: Place): Promise<Response> {
  try {
    const form = await request.formData();
    await caches.delete(SHARED_CACHE);
    const cache = await caches.open(SHARED_CACHE);
    const files = form.getAll(SHARE.field).filter((entry) => entry instanceof File);
    const put = (file: File, index: number): Promise<void> =>
      cache.put(
        `${scope}${SHARED_QUERY}/${index}`,
        new Response(file, { headers: { [SHARED_NAME]: encodeURIComponent(file.name) } }),
      );
    await Promise.all(files.map(put));
  } catch {
    await caches.delete(SHARED_CACHE);
  }
  // A GET, or a reload would post again.
  return Response.redirect(`${scope}?${SHARED_QUERY}`, 303);
}

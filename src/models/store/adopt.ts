/**
 * Earlier versions of the page kept weights in Cache Storage, in chunks named by SHA-256. What is
 * there is taken over, so that nobody downloads it again, and the old cache is removed.
 */
import type { BlobStore } from './blobs.ts';

const OLD_CACHE = 'ergo-weights-1';

/** The bytes from a file's start as far as they go; they are verified before they are used. */
export async function adoptOldCache(blobs: BlobStore): Promise<void> {
  if (typeof caches === 'undefined' || !(await caches.has(OLD_CACHE))) return;
  const cache = await caches.open(OLD_CACHE);
  const urls = (await cache.keys()).map(({ url }) => url);
  const hashes = new Set(urls.map((url) => /\/([0-9a-f]{64})\/\d+$/.exec(url)?.[1]));
  for (const hash of hashes) if (hash !== undefined) await adopt(cache, hash, blobs);
  await caches.delete(OLD_CACHE);
}

async function adopt(cache: Cache, hash: string, blobs: BlobStore): Promise<void> {
  const key = `sha256-${hash}`;
  if ((await blobs.state(key)).bytes > 0) return;
  const writer = await blobs.append(key);
  try {
    for (let index = 0; ; index++) {
      const chunk = await cache.match(`https://weights.invalid/${hash}/${index}`);
      if (!chunk) return;
      await writer.write(new Uint8Array(await chunk.arrayBuffer()));
    }
  } catch {
    // Too little room for both copies: what does not fit is downloaded again.
  } finally {
    await writer.close();
  }
}

/** Which models there are: the embedded one, one behind a URL, one in a folder of this computer. */
import { ErgoError, toErgoError } from '../core/errors.ts';
import { openCacheStore } from './chunk-store.ts';
import { parseManifest, sourceOf } from './manifest.ts';
import type { ModelSource } from './source.ts';

export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  /** Relative to the page. */
  readonly manifestUrl: string;
}

export const CATALOGUE: readonly [CatalogueEntry, ...CatalogueEntry[]] = [
  { id: 'ergo-tiny', name: 'ERGO tiny', manifestUrl: 'models/ergo-tiny/manifest.json' },
];

/**
 * Reads a manifest. Without a network the copy of the last time is used.
 * @param url absolute; of manifest.json or of its folder
 * @throws ErgoError `download-interrupted`, `weights-missing`, `manifest-invalid`, `cancelled`
 */
export async function openModelUrl(url: string, signal?: AbortSignal): Promise<ModelSource> {
  const manifestUrl = url.endsWith('.json') ? url : new URL('manifest.json', withSlash(url)).href;
  const store = await openCacheStore();
  const key = `manifests/${encodeURIComponent(manifestUrl)}`;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await fetchManifest(manifestUrl, signal);
  } catch (thrown) {
    const kept = await store?.get(key);
    const error = toErgoError(thrown, 'download-interrupted');
    if (!kept || error.code !== 'download-interrupted') throw error;
    bytes = kept;
  }
  const manifest = parseManifest(parseJson(bytes));
  // A full disk is told when the weights do not fit; the manifest alone is no reason to stop.
  await store?.put(key, bytes).catch(() => undefined);
  return sourceOf(manifest, { baseUrl: new URL('.', manifestUrl).href });
}

/**
 * A folder that was picked (`<input webkitdirectory>` or a dropped directory).
 * @param files with their paths, the folder's own name in front or not
 * @throws ErgoError `manifest-invalid`
 */
export async function openModelFolder(
  files: Iterable<{ readonly path: string; readonly blob: Blob }>,
): Promise<ModelSource> {
  const all = [...files];
  const found = all
    .filter(({ path }) => path === 'manifest.json' || path.endsWith('/manifest.json'))
    .sort((a, b) => a.path.length - b.path.length)[0];
  if (!found) throw new ErgoError('manifest-invalid', 'The folder holds no manifest.json.');
  const root = found.path.slice(0, -'manifest.json'.length);
  const inside = all.filter(({ path }) => path.startsWith(root));
  const manifest = parseManifest(parseJson(new Uint8Array(await found.blob.arrayBuffer())));
  return sourceOf(manifest, {
    baseUrl: 'folder:/',
    local: new Map(inside.map(({ path, blob }) => [path.slice(root.length), blob])),
  });
}

async function fetchManifest(url: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, { cache: 'no-cache', ...(signal && { signal }) });
  if (response.status === 404)
    throw new ErgoError('weights-missing', `There is nothing at ${url}.`);
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ErgoError('manifest-invalid', 'manifest.json is not JSON.', { cause });
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

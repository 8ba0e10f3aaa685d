/** A folder that was picked (`<input webkitdirectory>` or a dropped directory). */
import { ErgoError } from '../core/errors.ts';
import { DESCRIPTIONS, MANIFEST, type ModelFolder } from './folder.ts';

export interface PickedFile {
  /** The folder's own name may stand in front. */
  readonly path: string;
  readonly blob: Blob;
}

/**
 * @throws ErgoError `manifest-invalid` if no model lies in it
 */
export async function readPickedFolder(picked: Iterable<PickedFile>): Promise<ModelFolder> {
  const all = [...picked];
  const root = rootOf(all, MANIFEST) ?? rootOf(all, 'config.json');
  if (root === undefined) {
    throw new ErgoError('manifest-invalid', 'The folder holds no manifest.json or config.json.');
  }
  const local = new Map(
    all
      .filter(({ path }) => path.startsWith(root))
      .map(({ path, blob }) => [path.slice(root.length), blob]),
  );
  const texts: Record<string, string> = {};
  for (const path of DESCRIPTIONS) {
    const text = await local.get(path)?.text();
    if (text !== undefined) texts[path] = text;
  }
  const files = [...local].map(([path, { size }]) => ({ path, bytes: size, sha256: null }));
  const id = root.split('/').at(-2) ?? 'folder';
  return { id, baseUrl: 'folder:/', files, texts, local };
}

/** The folder of the outermost file of this name, with a slash at its end; "" for the top. */
function rootOf(files: readonly PickedFile[], name: string): string | undefined {
  const [outermost] = files
    .map(({ path }) => path)
    .filter((path) => path === name || path.endsWith(`/${name}`))
    .sort((a, b) => a.length - b.length);
  return outermost?.slice(0, -name.length);
}

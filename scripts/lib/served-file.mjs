/** Which file of a folder an address names, and which addresses name none. */
import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * @param {string} root the folder that is served
 * @param {string} url path and query as they were asked for
 * @param {string} [within] links may lead as far; default: the folder
 * @returns {string | undefined} an existing file; undefined for whatever lies outside, begins with
 *   a dot, or is no file
 */
export function servedFile(root, url, within = root) {
  try {
    const name = decodeURIComponent(url.replace(/[?#].*$/s, ''));
    if (name.split(/[/\\]/).some((part) => part.startsWith('.'))) return undefined;
    const asked = path.join(root, path.normalize(name), name.endsWith('/') ? 'index.html' : '');
    const file = realpathSync(asked);
    const inside = file.startsWith(realpathSync(within) + path.sep);
    return inside && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A folder in the hub's cache holds links into `blobs` beside it.
 * @param {string} folder
 * @returns {string} the folder that its links may lead into
 */
export function linksWithin(folder) {
  const full = path.resolve(folder);
  const [, repo] = /^(.*[/\\]models--[^/\\]+)[/\\]snapshots[/\\][^/\\]+$/.exec(full) ?? [];
  return repo ?? full;
}

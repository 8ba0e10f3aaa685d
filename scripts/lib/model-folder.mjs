/** A model folder of this computer, for a page that can read URLs only. */
import { statSync } from 'node:fs';
import path from 'node:path';

const NAME = 'folder-of-this-computer';

/**
 * A path begins with `/`, `./` or `../`; `a/b` is a name of the hub.
 * @param {string | undefined} model as it was asked for
 * @returns what the page is asked for, and what has to be served for it
 */
export function servedModel(model) {
  const isPath = model !== undefined && /^\.{0,2}\//.test(model);
  const isFolder = isPath && statSync(model, { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder) return { model, mounts: {} };
  return { model: `./${NAME}/`, mounts: { [NAME]: path.resolve(model) } };
}

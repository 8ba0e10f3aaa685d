/** A commit of the hub as a model folder. */
import { ErgoError } from '../../core/errors.ts';
import { DESCRIPTIONS, MANIFEST, type ModelFolder } from '../folder.ts';
import { isGenuine } from '../hash.ts';
import type { ModelFile } from '../source.ts';
import { folderUrl } from './address.ts';
import { listHub, type ListOptions } from './listing.ts';
import { transfer } from './transfer.ts';

/**
 * Lists the revision and reads its small files: a handful of requests, some kilobytes.
 * @param revision branch, tag or commit; null: the newest
 * @throws ErgoError as `listHub`; `weights-corrupt` for a file that differs from its hash
 */
export async function readHubFolder(
  hub: string,
  repo: string,
  revision: string | null,
  options: ListOptions,
): Promise<ModelFolder> {
  const { commit, files } = await listHub(hub, repo, revision, options);
  const baseUrl = folderUrl(hub, repo, commit);
  // A manifest of ours says everything; the rest would be read for nothing.
  const hasManifest = files.some(({ path }) => path === MANIFEST);
  const wanted = hasManifest ? [MANIFEST] : DESCRIPTIONS;
  const texts = await Promise.all(
    files
      .filter(({ path }) => wanted.includes(path))
      .map(async (file) => [file.path, await readText(file, repo, baseUrl, options)] as const),
  );
  return {
    id: repo,
    reference: `${repo}@${commit}`,
    baseUrl,
    files,
    texts: Object.fromEntries(texts),
  };
}

/** Cut or not, no byte is asked for twice. */
async function readText(
  file: ModelFile,
  repo: string,
  baseUrl: string,
  { network, signal, onWait }: ListOptions,
): Promise<string> {
  const url = new URL(file.path, baseUrl).href;
  const bytes = new Uint8Array(file.bytes);
  let at = 0;
  const onBytes = async (part: Uint8Array): Promise<void> => {
    bytes.set(part, at);
    at += part.byteLength;
  };
  await transfer({ url, file, model: repo, start: 0, network, onBytes, onWait, signal });
  if (!(await isGenuine(file, bytes))) {
    const message = `${file.path} differs from what the hub says about it.`;
    throw new ErgoError('weights-corrupt', message, { detail: { file: file.path } });
  }
  return new TextDecoder().decode(bytes);
}

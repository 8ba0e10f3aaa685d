/** From the name of a model to a source that can be loaded; kilobytes are read, no weights. */
import { ErgoError, toErgoError, type ErrorCode } from '../core/errors.ts';
import { describeFolder, type ModelFolder } from './folder.ts';
import { folderUrl, HUB } from './hub/address.ts';
import { NETWORK, type Network, type OnWait } from './hub/fetch.ts';
import { readHubFolder } from './hub/folder.ts';
import { readPickedFolder, type PickedFile } from './picked-folder.ts';
import { isCommit, parseReference, type ModelReference } from './reference.ts';
import type { ModelSource } from './source.ts';
import { openRecords, type ModelRecord, type Records } from './store/records.ts';
import { baseOf, readUrlFolder } from './url-folder.ts';

export interface OpenOptions {
  /** A mirror of the hub, as `parseHub` gives it. */
  readonly hub?: string | undefined;
  /** What relative URLs begin at; `document.baseURI`. */
  readonly pageUrl?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: OnWait | undefined;
  /** For tests. */
  readonly network?: Network;
  readonly records?: Records;
}

type Place =
  | { readonly kind: 'url'; readonly url: string }
  | Extract<ModelReference, { readonly kind: 'hub' }>;

/**
 * Without a network, models that are stored are found by what the store remembers of them.
 * @param text id of the catalogue, `owner/name[@revision]`, or URL of a folder; see `reference.ts`
 * @throws ErgoError `bad-request`, `offline`, `hub-…`, `weights-missing`, `manifest-invalid`,
 *   `config-invalid`, `model-unsupported`, `cancelled`
 */
export async function openModel(text: string, options: OpenOptions = {}): Promise<ModelSource> {
  const { hub = HUB, network = NETWORK, signal, onWait } = options;
  const records = options.records ?? (await openRecords());
  const asking = { network, signal, onWait };
  const place = placeOf(parseReference(text), options.pageUrl);
  if (place.kind === 'url') {
    const known = (): Promise<ModelRecord | undefined> => records.get(baseOf(place.url));
    return describeFolder(await orRemembered(readUrlFolder(place.url, asking), known));
  }
  const { repo, revision } = place;
  const remembered = async (): Promise<ModelFolder | undefined> => {
    const record = await newestOf(repo, revision, records);
    const commit = record?.reference.split('@')[1];
    // It may have been stored from another hub.
    return record && commit ? { ...record, baseUrl: folderUrl(hub, repo, commit) } : undefined;
  };
  // A commit never changes: what is known of it need not be asked for again.
  const known = isCommit(revision) ? await remembered() : undefined;
  if (known) return describeFolder(known);
  const read = readHubFolder(hub, repo, revision, asking);
  return describeFolder(await orRemembered(read, remembered));
}

/**
 * @param picked all files of a folder of this computer
 * @throws ErgoError `manifest-invalid`, `config-invalid`, `model-unsupported`
 */
export async function openPickedFolder(picked: Iterable<PickedFile>): Promise<ModelSource> {
  return describeFolder(await readPickedFolder(picked));
}

/** @throws ErgoError `model-unsupported` for what has to be converted first */
function placeOf(reference: ModelReference, pageUrl: string | undefined): Place {
  if (reference.kind === 'hub') return reference;
  if (reference.kind === 'url') return { kind: 'url', url: absolute(reference.url, pageUrl) };
  const { origin, name } = reference.entry;
  if (origin.kind === 'embedded') return { kind: 'url', url: absolute(origin.url, pageUrl) };
  if (origin.kind === 'hub') return origin;
  const message = `${name} has to be converted first (docs/models.md); then choose its folder.`;
  throw new ErgoError('model-unsupported', message);
}

function absolute(url: string, pageUrl: string | undefined): string {
  try {
    return new URL(url, pageUrl).href;
  } catch (cause) {
    throw new ErgoError('bad-request', `${url} is not the URL of a folder.`, { cause });
  }
}

/** Of a repository, the copy that was used last; of a branch or tag it cannot be known. */
async function newestOf(
  repo: string,
  revision: string | null,
  records: Records,
): Promise<ModelRecord | undefined> {
  if (isCommit(revision)) return await records.get(`${repo}@${revision}`);
  const all = await records.all();
  const ofRepo = all.filter(({ reference }) => reference.startsWith(`${repo}@`));
  return ofRepo.sort((a, b) => b.usedAt - a.usedAt)[0];
}

/**
 * Nobody answers, or somebody else (a portal's page says nothing of a model): then what is stored is
 * as good as it gets.
 */
const UNREACHED: readonly ErrorCode[] = [
  'offline',
  'download-interrupted',
  'hub-busy',
  'hub-missing',
  'weights-missing',
];

async function orRemembered(
  reading: Promise<ModelFolder>,
  remembered: () => Promise<ModelFolder | undefined>,
): Promise<ModelFolder> {
  try {
    return await reading;
  } catch (thrown) {
    const error = toErgoError(thrown);
    const known = UNREACHED.includes(error.code) ? await remembered() : undefined;
    if (known) return known;
    throw error;
  }
}

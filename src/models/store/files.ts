/** One file of a model: brought into the store or into memory, and read from there. */
import { ErgoError, hasCode, throwIfCancelled } from '../../core/errors.ts';
import { createVerifier, isGenuine, keyOf, type Verifier } from '../hash.ts';
import type { Network } from '../hub/fetch.ts';
import { transfer } from '../hub/transfer.ts';
import type { ModelFile, ModelSource } from '../source.ts';
import { piecesOf, type BlobStore } from './blobs.ts';
import type { Locks } from './locks.ts';
import type { Report } from './progress.ts';

/** What every step on a file has to know. */
export interface Job {
  readonly source: ModelSource;
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
}

export interface Parts {
  readonly locks: Locks;
  readonly network: Network;
}

type Bytes = Uint8Array<ArrayBuffer>;
type Take = (bytes: Bytes) => Promise<void>;

/** Files up to this size are hashed whenever they are read, larger ones only as they arrive. Bytes. */
const ALWAYS_HASHED = 64 * 1024 * 1024;

/** Only one writer has it, over all tabs. */
export function lockOf(key: string): string {
  return `ergo-models/file/${key}`;
}

/**
 * Makes a file whole in the store: what is there is used, the rest downloaded, all of it hashed.
 * @throws ErgoError `storage-full`, `weights-corrupt` (nothing of it stays then), as `transfer`
 */
export function keep(
  ...given: readonly [store: BlobStore, file: ModelFile, parts: Parts, job: Job]
): Promise<void> {
  return orFull(makeWhole(...given), given[1].path);
}

/**
 * Room can run out with everything that writes: bytes, a name, a seal, what is remembered.
 * @param what is to be kept
 * @throws ErgoError `storage-full` for it
 */
export async function orFull<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const isQuota = thrown instanceof DOMException && thrown.name === 'QuotaExceededError';
    if (!isQuota) throw thrown;
    const message = `There is no room left to keep ${what}.`;
    throw new ErgoError('storage-full', message, { cause: thrown });
  }
}

async function makeWhole(
  store: BlobStore,
  file: ModelFile,
  { locks, network }: Parts,
  job: Job,
): Promise<void> {
  const { source, report, signal } = job;
  const key = await keyOf(file, source.baseUrl);
  await locks.run(lockOf(key), { signal, onWait: report.otherTab }, async () => {
    for (const mayResume of [true, false]) {
      if (!mayResume) await store.remove(key);
      const { bytes, isWhole } = await store.state(key);
      const isDone = isWhole && bytes === file.bytes;
      report.loaded(file, Math.min(bytes, file.bytes), isDone);
      if (isDone) return;
      const verifier = await createVerifier(file);
      for await (const piece of store.read(key)) {
        throwIfCancelled(signal);
        verifier.update(piece);
      }
      const isComplete =
        bytes <= file.bytes && (await append(store, key, file, verifier, network, job));
      report.verify(file);
      if (isComplete && verifier.matches()) return await store.seal(key);
      // A fresh copy that is wrong will be wrong again; a kept one may just have gone bad.
      if (bytes === 0) break;
    }
    await store.remove(key);
    throw corrupt(file);
  });
}

/** @returns false if the file turned out to have another length than was told */
async function append(
  store: BlobStore,
  key: string,
  file: ModelFile,
  verifier: Verifier,
  network: Network,
  job: Job,
): Promise<boolean> {
  const writer = await store.append(key);
  const take: Take = async (bytes) => {
    await writer.write(bytes);
    verifier.update(bytes);
  };
  try {
    await fetchRest(file, writer.size, take, network, job);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'weights-corrupt')) return false;
    throw thrown;
  } finally {
    await writer.close();
  }
}

/**
 * A file in memory, for where there is no room to keep it; what the store has of it is used.
 * @throws ErgoError `out-of-memory`, `weights-corrupt`, as `transfer`
 */
export async function hold(
  store: BlobStore | null,
  file: ModelFile,
  { network }: Parts,
  job: Job,
): Promise<Bytes> {
  const target = allocate(file);
  const key = await keyOf(file, job.source.baseUrl);
  const kept = (await store?.state(key))?.bytes ?? 0;
  const mayUse = store !== null && kept > 0 && kept <= file.bytes;
  for (const start of mayUse ? [kept, 0] : [0]) {
    const verifier = await createVerifier(file);
    let at = 0;
    const take: Take = async (bytes) => {
      verifier.update(bytes);
      target.set(bytes, at);
      at += bytes.byteLength;
    };
    if (start > 0 && store) for await (const piece of store.read(key)) await take(piece);
    job.report.loaded(file, at, at === file.bytes);
    await fetchRest(file, at, take, network, job);
    job.report.verify(file);
    if (verifier.matches()) return target;
  }
  throw corrupt(file);
}

/**
 * A file of the store in one array. A copy that has gone bad is downloaded again.
 * @throws ErgoError `out-of-memory`, `weights-corrupt`, as `keep`
 */
export async function fromStore(
  store: BlobStore,
  file: ModelFile,
  parts: Parts,
  job: Job,
): Promise<Bytes> {
  const key = await keyOf(file, job.source.baseUrl);
  for (const mayMend of [true, false]) {
    const bytes = await filled(file, store.read(key));
    const isRight = bytes && (file.bytes > ALWAYS_HASHED || (await isGenuine(file, bytes)));
    if (isRight) return bytes;
    await store.remove(key);
    if (mayMend) await keep(store, file, parts, job);
  }
  throw corrupt(file);
}

/** @throws ErgoError `weights-missing`, `weights-corrupt`, `out-of-memory` */
export async function fromFolder(file: ModelFile, { source, report }: Job): Promise<Bytes> {
  const blob = source.local?.get(file.path);
  if (!blob) throw new ErgoError('weights-missing', `The folder holds no ${file.path}.`);
  report.loaded(file, 0, true);
  const bytes = await filled(file, piecesOf(blob));
  report.loaded(file, file.bytes, true);
  if (bytes && (await isGenuine(file, bytes))) return bytes;
  throw corrupt(file);
}

/** The bytes from `start` on; what was read to describe the model is not fetched again. */
async function fetchRest(
  file: ModelFile,
  start: number,
  take: Take,
  network: Network,
  { source, report, signal }: Job,
): Promise<void> {
  const text = start === 0 ? source.texts?.[file.path] : undefined;
  const known = new TextEncoder().encode(text);
  if (text !== undefined && (await isGenuine(file, known))) {
    await take(known);
    report.loaded(file, file.bytes, true);
    return;
  }
  await transfer({
    url: new URL(file.path, source.baseUrl).href,
    file,
    model: source.profile.id,
    start,
    network,
    signal,
    onWait: report.wait,
    async onBytes(bytes, loaded) {
      await take(bytes);
      report.loaded(file, loaded, false);
    },
  });
}

/** @returns null if there are more or fewer bytes than there should be */
async function filled(file: ModelFile, pieces: AsyncIterable<Bytes>): Promise<Bytes | null> {
  const target = allocate(file);
  let at = 0;
  for await (const piece of pieces) {
    if (at + piece.byteLength > file.bytes) return null;
    target.set(piece, at);
    at += piece.byteLength;
  }
  return at === file.bytes ? target : null;
}

function allocate(file: ModelFile): Bytes {
  try {
    return new Uint8Array(file.bytes);
  } catch (cause) {
    const message = `${file.path} needs ${file.bytes} bytes in one piece.`;
    throw new ErgoError('out-of-memory', message, { cause });
  }
}

function corrupt(file: ModelFile): ErgoError {
  const message = `${file.path} differs from what was told about it.`;
  return new ErgoError('weights-corrupt', message, { detail: { file: file.path } });
}

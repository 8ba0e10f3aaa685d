/** One file over the network, resumed by byte ranges. */
import { ErgoError, throwIfCancelled } from '../core/errors.ts';
import type { ModelFile } from './source.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Attempts without any progress before a download counts as interrupted. */
const ATTEMPTS = 3;

export interface Download {
  readonly url: string;
  readonly file: ModelFile;
  /** Of the whole file; bytes before `start` are there already. */
  readonly target: Uint8Array;
  readonly start: number;
  readonly fetch: Fetch;
  /** Called whenever more is there; awaited, so that chunks are stored in order. */
  readonly onBytes: (loaded: number) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fills `target` from `start` to its end. A broken connection is tried again from where it broke.
 * @throws ErgoError `download-interrupted`, `weights-missing` (404), `weights-corrupt` (another
 *   length than the manifest's), `cancelled`
 */
export async function download(job: Download): Promise<void> {
  let offset = job.start;
  let failures = 0;
  while (offset < job.file.bytes) {
    const before = offset;
    try {
      offset = await attempt(job, offset, (loaded) => (offset = loaded));
    } catch (thrown) {
      throwIfCancelled(job.signal);
      if (thrown instanceof ErgoError) throw thrown;
      failures = offset > before ? 1 : failures + 1;
      if (failures >= ATTEMPTS) throw interrupted(job, offset, thrown);
    }
  }
}

/** One request. @returns the new offset; `progress` has it also if the request breaks */
async function attempt(
  { url, file, target, fetch, onBytes, signal }: Download,
  offset: number,
  progress: (loaded: number) => void,
): Promise<number> {
  const response = await fetch(url, {
    ...(signal && { signal }),
    ...(offset > 0 && { headers: { Range: `bytes=${offset}-` } }),
  });
  if (response.status === 404 || response.status === 410) {
    throw new ErgoError('weights-missing', `${file.path} is not at ${url}.`);
  }
  if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
  // A server without byte ranges sends everything again: what is there already is skipped.
  let position = response.status === 206 ? offset : 0;
  let loaded = offset;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const end = position + value.byteLength;
    if (end > file.bytes) {
      await reader.cancel();
      throw wrongLength(file, end);
    }
    if (end > loaded) {
      target.set(value.subarray(Math.max(0, loaded - position)), Math.max(position, loaded));
      loaded = end;
      progress(loaded);
      await onBytes(loaded);
    }
    position = end;
  }
  if (loaded === offset && loaded < file.bytes) throw new Error('the answer held nothing new');
  return loaded;
}

function wrongLength(file: ModelFile, bytes: number): ErgoError {
  const message = `${file.path} is longer than the ${file.bytes} bytes of its manifest.`;
  return new ErgoError('weights-corrupt', message, { detail: { file: file.path, bytes } });
}

function interrupted({ file }: Download, offset: number, cause: unknown): ErgoError {
  const message = `The download of ${file.path} stopped after ${offset} of ${file.bytes} bytes.`;
  return new ErgoError('download-interrupted', message, {
    cause,
    detail: { file: file.path, loadedBytes: offset, totalBytes: file.bytes },
  });
}

/** One file over the network, continued by byte ranges after every cut. */
import { ErgoError, throwIfCancelled, toErgoError } from '../../core/errors.ts';
import { ask, FIRST_PAUSE, hostOf, isPage, isPassing, type Network, type OnWait } from './fetch.ts';
import type { ModelFile } from '../source.ts';

/** Attempts in a row without a new byte before a download counts as interrupted. */
const ATTEMPTS = 6;
const LONGEST_PAUSE = 30_000;

export interface Transfer {
  readonly url: string;
  readonly file: ModelFile;
  /** For messages: "owner/name". */
  readonly model: string;
  /** Bytes that are there already. */
  readonly start: number;
  readonly network: Network;
  /** Gets the bytes in order, each once; awaited. */
  readonly onBytes: (bytes: Uint8Array<ArrayBuffer>, loaded: number) => Promise<void>;
  readonly onWait?: OnWait | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches a file from `start` to its end. After a cut it goes on where it broke, after pauses that
 * grow; a server without byte ranges sends everything again, and what is there is skipped.
 * @throws ErgoError `download-interrupted`, `weights-missing`, `weights-corrupt` (another length
 *   than was told), `hub-…`, `cancelled`; whatever `onBytes` throws
 */
export async function transfer(job: Transfer): Promise<void> {
  let offset = job.start;
  let failures = 0;
  while (offset < job.file.bytes) {
    const before = offset;
    try {
      await attempt(job, offset, (loaded) => (offset = loaded));
    } catch (thrown) {
      throwIfCancelled(job.signal);
      if (thrown instanceof HandlerFailure) throw thrown.cause;
      // What has no code comes from the connection.
      if (thrown instanceof ErgoError && !isPassing(thrown)) throw thrown;
      failures = offset > before ? 1 : failures + 1;
      if (failures >= ATTEMPTS) throw interrupted(job, offset, thrown);
      const milliseconds = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
      job.onWait?.({ milliseconds, error: toErgoError(thrown, 'download-interrupted') });
      await job.network.sleep(milliseconds, job.signal);
    }
  }
}

/** A fault of whoever takes the bytes is not one of the network: trying again would not help. */
class HandlerFailure extends Error {}

/** One request. */
async function attempt(
  { url, file, model, network, onBytes, onWait, signal }: Transfer,
  offset: number,
  progress: (loaded: number) => void,
): Promise<void> {
  const subject = { model, file: file.path };
  const init = offset > 0 ? { headers: { Range: `bytes=${offset}-` } } : {};
  const response = await ask(url, { subject, network, signal, onWait, init }).catch(
    (thrown: unknown) => {
      // The end of the file lies before what is there already.
      if (toErgoError(thrown).detail?.['status'] === 416) throw wrongLength(file, offset);
      throw thrown;
    },
  );
  if (isPage(response) || response.body === null) {
    await response.body?.cancel();
    throw new Error(`${hostOf(url)} sent a page in place of the file: is there a sign-in?`);
  }
  let position = response.status === 206 ? offset : 0;
  let loaded = offset;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    throwIfCancelled(signal);
    const end = position + value.byteLength;
    if (end > file.bytes) {
      await reader.cancel();
      throw wrongLength(file, end);
    }
    if (end > loaded) {
      const fresh = value.subarray(Math.max(0, loaded - position));
      loaded = end;
      await onBytes(fresh, loaded).catch(async (cause: unknown) => {
        await reader.cancel().catch(() => undefined);
        throw new HandlerFailure('The bytes were not taken.', { cause });
      });
      progress(loaded);
    }
    position = end;
  }
  if (loaded < file.bytes) throw new Error(`the connection ended after ${loaded} bytes`);
}

function wrongLength(file: ModelFile, bytes: number): ErgoError {
  const message = `${file.path} has another length than the ${file.bytes} bytes that were told.`;
  return new ErgoError('weights-corrupt', message, { detail: { file: file.path, bytes } });
}

function interrupted({ file, url }: Transfer, offset: number, cause: unknown): ErgoError {
  const message =
    `The download of ${file.path} from ${hostOf(url)} stopped after ${offset} of ` +
    `${file.bytes} bytes: ${toErgoError(cause).message}`;
  return new ErgoError('download-interrupted', message, {
    cause,
    detail: { file: file.path, loadedBytes: offset, totalBytes: file.bytes },
  });
}

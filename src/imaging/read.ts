/** Reading parts of a file, and what is said when that fails. */
import { ErgoError } from '../core/errors.ts';
import { Bytes } from './bytes.ts';

/** @throws ErgoError `file-unreadable` */
export async function readBytes(file: Blob, from: number, to: number): Promise<Bytes> {
  try {
    // What is gone has a size of 0, and an empty slice of it reads without an error.
    const part = file.size === 0 ? file : file.slice(from, to);
    return new Bytes(await part.arrayBuffer());
  } catch (cause) {
    throw new ErgoError('file-unreadable', 'The file could not be read.', { cause });
  }
}

/**
 * Decoders call what they cannot read undecodable. A browser refuses to read a file from the
 * moment that it was changed, wherever.
 * @throws ErgoError `file-unreadable`
 */
export async function checkReadable(file: Blob): Promise<void> {
  await readBytes(file, 0, 1);
}

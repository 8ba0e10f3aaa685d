/** Pictures of parquet rows: several rows hold the same one, and it is decoded once. */
import { ErgoError } from '../errors.ts';

/** Decoded pictures that are kept for the rows to come, in bytes. */
const KEPT_BYTES = 256e6;

/** @param read base64 text of a row's picture, in ASCII bytes */
export function distinctPictures<Row>(
  read: (row: Row) => Promise<Uint8Array>,
): (row: Row) => Promise<Blob> {
  const contents = new Map<Row, string>();
  const kept = new Map<string, Blob>();
  let bytes = 0;

  function keep(content: string, picture: Blob): void {
    kept.set(content, picture);
    bytes += picture.size;
    for (const [oldest, { size }] of kept) {
      if (bytes <= KEPT_BYTES || oldest === content) return;
      kept.delete(oldest);
      bytes -= size;
    }
  }

  return async (row) => {
    const known = kept.get(contents.get(row) ?? '');
    if (known) return known;
    const base64 = await read(row);
    const content = await digest(base64);
    contents.set(row, content);
    const same = kept.get(content);
    if (same) return same;
    const picture = new Blob([decodeBase64(base64)]);
    keep(content, picture);
    return picture;
  };
}

async function digest(bytes: Uint8Array): Promise<string> {
  // A copy, because a page's memory may be shared.
  const hash = await crypto.subtle.digest('SHA-256', bytes.slice());
  return new Uint32Array(hash).join(' ');
}

function decodeBase64(ascii: Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    const binary = atob(new TextDecoder('latin1').decode(ascii));
    const bytes = new Uint8Array(binary.length);
    for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index);
    return bytes;
  } catch (cause) {
    throw new ErgoError('dataset-unreadable', 'The picture is not base64 text.', { cause });
  }
}

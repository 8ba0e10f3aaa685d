/** Pictures of parquet rows: several rows hold the same one, and it is decoded once. */
import { sha256 } from 'hash-wasm';
import { ErgoError } from '../errors.ts';

/** Decoded pictures that are kept for the rows to come, in bytes. */
const KEPT_BYTES = 256e6;

/** @param read a row's picture: base64 text in ASCII bytes, with or without "data:...,", or its file */
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
    const stored = await read(row);
    const content = await sha256(stored);
    contents.set(row, content);
    const same = kept.get(content);
    if (same) return same;
    const picture = new Blob([isText(stored) ? decodeBase64(stored) : stored.slice()]);
    keep(content, picture);
    return picture;
  };
}

/** The header of a picture holds bytes that no text has. */
function isText(bytes: Uint8Array): boolean {
  return bytes
    .subarray(0, 32)
    .every((byte) => (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13);
}

function decodeBase64(ascii: Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    const binary = atob(new TextDecoder('latin1').decode(ascii).replace(/^\s*data:[^,]*,/, ''));
    const bytes = new Uint8Array(binary.length);
    for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index);
    return bytes;
  } catch (cause) {
    throw new ErgoError('dataset-unreadable', 'The picture is not base64 text.', { cause });
  }
}

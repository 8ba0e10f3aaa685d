/** Where the bytes of models are kept: files by key, written from their start to their end. */

export interface BlobState {
  readonly bytes: number;
  /** All bytes are there and were found right. */
  readonly isWhole: boolean;
}

export interface BlobWriter {
  /** Bytes that are there already. */
  readonly size: number;
  /** Appends. @throws DOMException `QuotaExceededError`; then nothing of these bytes was written */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** What was written stays. */
  close(): Promise<void>;
}

export interface BlobStore {
  state(key: string): Promise<BlobState>;
  /** One at a time: the caller holds the lock of the key. */
  append(key: string): Promise<BlobWriter>;
  /** From the start to the end, in pieces of some megabytes. */
  read(key: string): AsyncIterable<Uint8Array<ArrayBuffer>>;
  /** It is complete and was found right. */
  seal(key: string): Promise<void>;
  remove(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}

/** Pieces in which large files are read. Blob.arrayBuffer() of 2 GB is known not to return. */
export const PIECE_BYTES = 16 * 1024 * 1024;

/** @returns the blob's bytes in order */
export async function* piecesOf(blob: Blob): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < blob.size; at += PIECE_BYTES) {
    yield new Uint8Array(await blob.slice(at, at + PIECE_BYTES).arrayBuffer());
  }
}

export const NOTHING: BlobState = { bytes: 0, isWhole: false };

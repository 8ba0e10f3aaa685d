/** Is this what was meant? Hashes over bytes as they stream by: files of 2 GB pass only once. */
import { createSHA1, createSHA256, sha256 } from 'hash-wasm';
import type { ModelFile } from './source.ts';

export interface Verifier {
  update(bytes: Uint8Array): void;
  /** Once, after all bytes. True where nothing is known but the length. */
  matches(): boolean;
}

/** SHA-256, or SHA-1 of git's blob object (header `blob LENGTH\0`), or the length alone. */
export async function createVerifier(file: ModelFile): Promise<Verifier> {
  const hasher = await hasherOf(file);
  let length = 0;
  return {
    update(bytes) {
      length += bytes.byteLength;
      hasher?.update(bytes);
    },
    matches: () => length === file.bytes && hasher?.digest('hex') === (file.sha256 ?? file.gitBlob),
  };
}

async function hasherOf({ sha256, gitBlob, bytes }: ModelFile) {
  if (sha256 !== null) return await createSHA256();
  if (gitBlob === undefined) return undefined;
  const hasher = await createSHA1();
  return hasher.update(`blob ${bytes}\0`);
}

/**
 * The name of a file in the store. By its content where that is known, so that a file of two models
 * is kept once; else by its address, length and version.
 */
export async function keyOf(file: ModelFile, baseUrl: string): Promise<string> {
  if (file.sha256 !== null) return `sha256-${file.sha256}`;
  if (file.gitBlob !== undefined) return `git-${file.gitBlob}`;
  const address = new URL(file.path, baseUrl).href;
  return `url-${await sha256(`${address} ${file.bytes} ${file.version ?? ''}`)}`;
}

/** @returns whether all bytes are as the file's hash says */
export async function isGenuine(file: ModelFile, bytes: Uint8Array): Promise<boolean> {
  const verifier = await createVerifier(file);
  verifier.update(bytes);
  return verifier.matches();
}

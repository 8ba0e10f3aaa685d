/** A dataset on disk, read by the readers of src/core/bench. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UsageError } from '../lib/args.mjs';
import { importSource } from '../lib/import-source.mjs';

/** @typedef {import('../../src/core/bench/item.ts').BenchItem} BenchItem */
/** @typedef {import('../../src/core/bench/datasets.ts').DatasetFile} DatasetFile */
/** @typedef {Awaited<ReturnType<typeof openDataset>>} Dataset */

/**
 * @param {string} where a folder, or one parquet file
 * @returns a dataset that must be closed
 * @throws UsageError if there is nothing, ErgoError `dataset-unreadable` if it is no dataset
 */
export async function openDataset(where) {
  const found = statSync(where, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`${where} does not exist.`);
  const folder = found.isDirectory() ? where : path.dirname(where);
  const names = found.isDirectory() ? filesBelow(where) : [path.basename(where)];
  /** @type {typeof import('../../src/core/bench/datasets.ts')} */
  const { readDataset } = await importSource('src/core/bench/datasets.ts');
  const files = names.map((name) => fileOf(folder, name));
  const dataset = await readDataset(datasetName(where), files);
  const scratch = mkdtempSync(path.join(tmpdir(), 'bench-picture-'));
  /** @type {{ image: string, file: string } | undefined} the last one that was written */
  let written;
  return {
    name: dataset.name,
    items: dataset.items,
    refused: dataset.refused,
    /**
     * The picture as a file: its own, or a copy of what lies in a parquet file, until the next.
     * @param {BenchItem} item
     */
    async pictureFile(item) {
      const own = path.join(folder, item.image);
      if (existsSync(own)) return own;
      if (written?.image === item.image) return written.file;
      const file = path.join(scratch, 'picture');
      const blob = await dataset.picture(item);
      writeFileSync(file, new Uint8Array(await blob.arrayBuffer()));
      written = { image: item.image, file };
      return file;
    },
    close: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

/** Last part of a path, without the ending of a parquet file. @param {string} where */
export function datasetName(where) {
  return path.basename(path.resolve(where)).replace(/\.parquet$/, '');
}

/** @param {string} folder @returns {string[]} with forward slashes */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
    .map((file) => path.relative(folder, file).split(path.sep).join('/'))
    .sort();
}

/** @param {string} folder @param {string} name @returns {DatasetFile} */
function fileOf(folder, name) {
  const full = path.join(folder, name);
  const byteLength = statSync(full).size;
  return {
    path: name,
    byteLength,
    async slice(start, end = byteLength) {
      const handle = await open(full);
      try {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start));
        await handle.read(bytes, 0, bytes.length, start);
        return bytes.buffer;
      } finally {
        await handle.close();
      }
    },
  };
}

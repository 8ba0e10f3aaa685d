/** A dataset folder on disk, read by the readers of src/core/bench. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../lib/args.mjs';
import { importSource } from '../lib/import-source.mjs';

/** @typedef {import('../../src/core/bench/item.ts').BenchItem} BenchItem */

/**
 * @param {string} folder
 * @returns {Promise<BenchItem[]>}
 * @throws UsageError if there is no dataset, ErgoError `dataset-unreadable` if it is not one
 */
export async function readDataset(folder) {
  /** @type {typeof import('../../src/core/bench/vstar.ts')} */
  const vstar = await importSource('src/core/bench/vstar.ts');
  const questions = path.join(folder, vstar.VSTAR_QUESTIONS);
  if (!existsSync(questions)) {
    throw new UsageError(`${folder} is not a dataset: it holds no ${vstar.VSTAR_QUESTIONS}.`);
  }
  return vstar.readVstar(readFileSync(questions, 'utf8')).map((item) => {
    const boxes = vstar.vstarBoxesPath(item.image);
    const file = path.join(folder, boxes);
    if (!existsSync(path.join(folder, item.image))) {
      throw new UsageError(`${folder} lacks the picture ${item.image}.`);
    }
    if (!existsSync(file)) return item;
    return { ...item, boxes: vstar.readVstarBoxes(readFileSync(file, 'utf8'), boxes) };
  });
}

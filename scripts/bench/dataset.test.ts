import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { UsageError } from '../lib/args.mjs';
import { datasetName, openDataset } from './dataset.mjs';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'dataset-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const PICTURES = ['first picture', 'second picture'];

const column = (name: string, data: string[]) => ({ name, data });

/** Two rows of HR-Bench. */
function writeParquet(): string {
  const file = path.join(folder, 'hr_bench_4k.parquet');
  const buffer = parquetWriteBuffer({
    columnData: [
      column('index', ['0', '1']),
      column('question', ['What?', 'Where?']),
      column('answer', ['A', 'B']),
      ...['A', 'B', 'C', 'D'].map((letter) => column(letter, ['one', 'two'])),
      column('category', ['single', 'cross']),
      column(
        'image',
        PICTURES.map((text) => Buffer.from(text).toString('base64')),
      ),
    ],
  });
  writeFileSync(file, new Uint8Array(buffer));
  return file;
}

it('takes one parquet file or a folder of them, and lends each picture as a file', async () => {
  const file = writeParquet();
  for (const [where, name] of [
    [file, 'hr_bench_4k'],
    [folder, path.basename(folder)],
  ] as const) {
    const dataset = await openDataset(where);
    expect(dataset.name).toBe(name);
    expect(dataset.items.map(({ label, category }) => [label, category])).toEqual([
      ['A', 'single'],
      ['B', 'cross'],
    ]);
    const read = [];
    for (const item of dataset.items) {
      read.push(readFileSync(await dataset.pictureFile(item), 'utf8'));
    }
    expect(read).toEqual(PICTURES);
    const lent = await dataset.pictureFile(dataset.items[1] as (typeof dataset.items)[number]);
    dataset.close();
    expect(() => readFileSync(lent)).toThrow('ENOENT');
  }
});

it('lends pictures of a folder as they lie there', async () => {
  const line = { image: 'a/b.jpg', text: 'Q?', category: 'c', question_id: 7, label: 'A' };
  writeFileSync(path.join(folder, 'test_questions.jsonl'), JSON.stringify(line));
  mkdirSync(path.join(folder, 'a'));
  writeFileSync(path.join(folder, 'a', 'b.jpg'), 'pixels');
  writeFileSync(path.join(folder, 'a', 'b.json'), '{"bbox":[[1,2,3,4]]}');
  const dataset = await openDataset(folder);
  const [item] = dataset.items;
  expect(item).toMatchObject({ id: '7', boxes: [[1, 2, 3, 4]] });
  expect(await dataset.pictureFile(item as NonNullable<typeof item>)).toBe(
    path.join(folder, 'a', 'b.jpg'),
  );
  dataset.close();
});

it('refuses what is not there or is no dataset', async () => {
  await expect(openDataset(path.join(folder, 'none'))).rejects.toThrow(UsageError);
  await expect(openDataset(folder)).rejects.toThrow('neither test_questions.jsonl nor a parquet');
  expect(datasetName('a/vstar/')).toBe('vstar');
});

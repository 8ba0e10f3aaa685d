import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { readDataset, type Dataset, type DatasetFile } from './datasets.ts';

/** Counts what is read of it. */
interface WatchedFile extends DatasetFile {
  bytesRead: number;
}

function watched(path: string, content: ArrayBuffer | string): WatchedFile {
  const buffer =
    typeof content === 'string' ? new TextEncoder().encode(content).slice().buffer : content;
  return {
    path,
    byteLength: buffer.byteLength,
    bytesRead: 0,
    slice(start, end = buffer.byteLength) {
      this.bytesRead += Math.min(end, buffer.byteLength) - start;
      return Promise.resolve(buffer.slice(start, end));
    },
  };
}

const pictures = new Map<number, Uint8Array<ArrayBuffer>>();

/** Bytes that neither repeat nor compress, different for each seed. */
function picture(seed: number): Uint8Array<ArrayBuffer> {
  const made = pictures.get(seed) ?? new Uint8Array(30_000);
  if (pictures.has(seed)) return made;
  let state = seed + 1;
  for (let at = 0; at < made.length; at++) made[at] = state = (state * 48_271) % 2_147_483_647;
  pictures.set(seed, made);
  return made;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

interface Layout {
  readonly codec?: 'SNAPPY' | 'UNCOMPRESSED' | 'GZIP';
  readonly rowGroupSize?: number;
  readonly encoding?: 'PLAIN' | 'RLE_DICTIONARY';
}

const HR_COLUMNS = ['index', 'question', 'answer', 'category', 'A', 'B', 'C', 'D'];

/** 12 rows: 3 questions on a picture each, with the options turned four times. */
function hrBench({ encoding, ...layout }: Layout = {}, without: readonly string[] = []) {
  const rows = Array.from({ length: 12 }, (_, row) => {
    const turn = row % 4;
    const options = ['red', 'blue', 'green', 'black'].map((_, at, all) => all[(at + turn) % 4]);
    return {
      index: BigInt(row),
      question: `What is the colour of\nthing ${Math.floor(row / 4)}?`,
      answer: 'ADCB'.charAt(turn),
      category: row < 8 ? 'single' : 'cross',
      ...Object.fromEntries(options.map((option, at) => ['ABCD'.charAt(at), option])),
      cycle_category: `${turn}`,
      image: base64(picture(Math.floor(row / 4))),
    };
  });
  const names = [...HR_COLUMNS, 'cycle_category', 'image'].filter(
    (name) => !without.includes(name),
  );
  return parquetWriteBuffer({
    columnData: names.map((name) => ({
      name,
      data: rows.map((row) => (row as Record<string, unknown>)[name]),
      // As pandas writes them: no index of pages, which hyparquet could use by itself.
      offsetIndex: false,
      ...(name === 'image' && encoding && { encoding }),
    })),
    pageSize: 50_000,
    ...layout,
  });
}

const UTF8 = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' } as const;
const MME_SCHEMA: SchemaElement[] = [
  { name: 'schema', num_children: 7 },
  { name: 'index', ...UTF8 },
  { name: 'bytes', ...UTF8 },
  { name: 'question', ...UTF8 },
  {
    name: 'multi-choice options',
    repetition_type: 'OPTIONAL',
    converted_type: 'LIST',
    num_children: 1,
  },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', ...UTF8 },
  { name: 'answer', ...UTF8 },
  { name: 'category', ...UTF8 },
  { name: 'l2-category', ...UTF8 },
];

const STRUCT: SchemaElement[] = [
  { name: 'bytes', repetition_type: 'OPTIONAL', num_children: 2 },
  { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
  { name: 'path', ...UTF8 },
];
const OPTIONS = ['(A) stop', '(B) go', '(C) 30', '(D) none', '(E) The image shows no sign.'];

interface Variant {
  readonly options?: readonly string[];
  /** How a picture is stored; default: as base64 text. */
  readonly store?: (bytes: Uint8Array) => unknown;
  readonly schema?: SchemaElement[];
}

function mmeRealworld(
  first: number,
  answers: readonly string[],
  { options = OPTIONS, store = base64, schema = MME_SCHEMA }: Variant = {},
): ArrayBuffer {
  const column = (name: string, of: (row: number) => unknown) => ({
    name,
    data: answers.map((_, row) => of(first + row)),
  });
  return parquetWriteBuffer({
    schema,
    columnData: [
      column('index', (row) => `q${row}`),
      column('bytes', (row) => store(picture(row))),
      column('question', () => 'What does the sign say?'),
      column('multi-choice options', () => options),
      column('answer', (row) => answers[row - first]),
      column('category', () => 'Perception/Autonomous_Driving'),
      column('l2-category', () => 'sign'),
    ],
  });
}

/** As text, because comparing long arrays is slow. */
async function pictureOf(dataset: Dataset, at: number): Promise<string> {
  const item = dataset.items[at];
  if (!item) throw new Error(`There is no item ${at}.`);
  return base64(new Uint8Array(await (await dataset.picture(item)).arrayBuffer()));
}

describe('HR-Bench', () => {
  it('reads questions with their turned options', async () => {
    const { name, items } = await readDataset('hr', [watched('hr_bench_4k.parquet', hrBench())]);
    expect([name, items.length]).toEqual(['hr', 12]);
    expect(items[5]).toEqual({
      id: '5',
      image: 'hr_bench_4k.parquet#5',
      text: 'What is the colour of thing 1?\n(A) blue\n(B) green\n(C) black\n(D) red',
      options: ['blue', 'green', 'black', 'red'],
      label: 'D',
      category: 'single',
      boxes: [],
    });
  });

  const layouts: readonly Layout[] = [
    {},
    { codec: 'UNCOMPRESSED', encoding: 'PLAIN' },
    { encoding: 'RLE_DICTIONARY' },
    { rowGroupSize: 5, encoding: 'PLAIN' },
  ];
  it.each(layouts)(
    'finds each picture, in whatever order they are asked for (%j)',
    async (layout) => {
      const dataset = await readDataset('hr', [watched('hr.parquet', hrBench(layout))]);
      for (const at of [11, 0, 6, 1, 9]) {
        expect(await pictureOf(dataset, at)).toBe(base64(picture(Math.floor(at / 4))));
      }
    },
  );

  it('reads one page for a picture, and no picture for the questions', async () => {
    const file = watched('hr.parquet', hrBench({ encoding: 'PLAIN' }));
    const dataset = await readDataset('hr', [file]);
    // The reader of the footer takes half a megabyte at once, if there is as much.
    const before = file.bytesRead;
    expect(before).toBeLessThanOrEqual(file.byteLength + 10_000);
    await pictureOf(dataset, 9);
    const pages = file.bytesRead - before;
    expect(pages).toBeGreaterThan(40_000);
    expect(pages).toBeLessThan(file.byteLength / 2);
  });

  it('decodes a picture once for all rows that hold it', async () => {
    const dataset = await readDataset('hr', [watched('hr.parquet', hrBench())]);
    const pictures = await Promise.all(dataset.items.map((item) => dataset.picture(item)));
    expect(new Set(pictures).size).toBe(3);
    expect(pictures[4]).toBe(pictures[7]);
  });

  it('keeps two files apart', async () => {
    const files = ['hr_bench_8k', 'hr_bench_4k'].map((name) =>
      watched(`${name}.parquet`, hrBench()),
    );
    const { items } = await readDataset('hr', files);
    expect(new Set(items.map(({ id }) => id)).size).toBe(24);
    expect([items[0]?.id, items[23]?.category]).toEqual(['hr_bench_4k/0', 'hr_bench_8k/cross']);
  });
});

const open = (variant: Variant, answers = ['A', 'B']) =>
  readDataset('mme', [watched('train.parquet', mmeRealworld(0, answers, variant))]);

describe('what other writers of parquet do', () => {
  it.each([
    ['a data URI', { store: (bytes: Uint8Array) => `data:image/jpeg;base64,${base64(bytes)}` }],
    [
      'a struct of bytes and path',
      {
        store: (bytes: Uint8Array) => ({ bytes, path: 'a.jpg' }),
        schema: MME_SCHEMA.flatMap((part) => (part.name === 'bytes' ? STRUCT : [part])),
      },
    ],
  ])('stores a picture as %s', async (_, variant) => {
    const dataset = await open(variant);
    expect(await pictureOf(dataset, 1)).toBe(base64(picture(1)));
  });

  it('takes options by their letters, and labels as they are written', async () => {
    const { items } = await open({ options: ['(B) go', '(A) stop'] }, ['(B)', 'a']);
    expect(items.map(({ options, label }) => [options, label])).toEqual([
      [['stop', 'go'], 'B'],
      [['stop', 'go'], 'A'],
    ]);
    await expect(open({ options: ['(A) stop', 'go'] })).rejects.toThrow(/leave one out/);
    await expect(open({ options: ['(A) stop', '(B) go'] }, ['C'])).rejects.toThrow(
      'train.parquet, row 0: the label "C" is none of the options (stop, go).',
    );
  });
});

describe('MME-RealWorld-Lite', () => {
  it('reads its parts in order, options from their list', async () => {
    const dataset = await readDataset('mme', [
      watched('data/train-00001-of-00002.parquet', mmeRealworld(3, ['B'])),
      watched('data/train-00000-of-00002.parquet', mmeRealworld(0, ['A', 'E', 'C'])),
    ]);
    expect(dataset.items.map(({ id }) => id)).toEqual(['q0', 'q1', 'q2', 'q3']);
    expect(dataset.items[1]).toMatchObject({
      image: 'data/train-00000-of-00002.parquet#1',
      text: expect.stringContaining('?\n(A) stop\n(B) go') as string,
      options: ['stop', 'go', '30', 'none', 'The image shows no sign.'],
      label: 'E',
      category: 'Perception/Autonomous_Driving',
    });
    expect(await pictureOf(dataset, 3)).toBe(base64(picture(3)));
    expect(await pictureOf(dataset, 1)).toBe(base64(picture(1)));
  });
});

describe('a V* folder', () => {
  const line = '{"image":"a/x.jpg","text":"Read it.","category":"a","question_id":7,"label":"K"}';
  const boxes = watched('top/a/x.json', '{"bbox":[[1,2,3,4]]}');
  const questions = watched('top/test_questions.jsonl', line);

  it('is read from its files, wherever it begins', async () => {
    const files = [watched('top/a/x.jpg', 'pixels'), questions, boxes];
    const dataset = await readDataset('top', files);
    expect(dataset.items).toMatchObject([{ id: '7', image: 'a/x.jpg', boxes: [[1, 2, 3, 4]] }]);
    expect(atob(await pictureOf(dataset, 0))).toBe('pixels');
  });

  it('must hold its pictures', async () => {
    await expect(readDataset('top', [questions, boxes])).rejects.toThrow(
      'lacks the picture a/x.jpg',
    );
  });
});

function parquet(columns: Record<string, unknown[]>): ArrayBuffer {
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data }));
  return parquetWriteBuffer({ columnData });
}

describe('what is not a dataset', () => {
  const cases: readonly [string, string, WatchedFile][] = [
    ['no questions', 'neither test_questions.jsonl', watched('.hidden.parquet', '')],
    ['no parquet', 'x.parquet: ', watched('x.parquet', 'These are words, no columns.')],
    ['other columns', 'its columns (a, b)', watched('x.parquet', parquet({ a: [1], b: [2] }))],
    ['a column less', 'x.parquet: the column "C"', watched('x.parquet', hrBench({}, ['C']))],
    [
      'no label that fits',
      'row 0: the label "halt"',
      watched('x.parquet', mmeRealworld(0, ['halt'])),
    ],
  ];
  it.each(cases)('is refused with file and column: %s', async (_, told, file) => {
    await expect(readDataset('x', [file])).rejects.toMatchObject({
      code: 'dataset-unreadable',
      message: expect.stringContaining(told) as string,
    });
  });

  it('is only a question whose label fits nothing: it is set aside', async () => {
    const file = watched('x.parquet', mmeRealworld(0, ['A', 'halt', 'stop']));
    const { items, refused } = await readDataset('x', [file]);
    expect(items.map(({ id, label }) => [id, label])).toEqual([
      ['q0', 'A'],
      ['q2', 'stop'],
    ]);
    expect(refused).toEqual([expect.stringContaining('x.parquet, row 1: the label "halt"')]);
  });

  it('is a mixture', async () => {
    const files = [watched('a.parquet', hrBench()), watched('b.parquet', mmeRealworld(0, ['A']))];
    await expect(readDataset('x', files)).rejects.toThrow('mixes datasets');
  });

  it('has a picture that is none', async () => {
    const columns = Object.fromEntries(HR_COLUMNS.map((name) => [name, ['A']]));
    for (const [image, told] of [
      [['!'], 'base64'],
      [[null], 'column "image": there is no picture'],
    ] as const) {
      const data = parquet({ ...columns, image: [...image] });
      const dataset = await readDataset('x', [watched('x.parquet', data)]);
      await expect(pictureOf(dataset, 0)).rejects.toThrow(told);
    }
  });
});

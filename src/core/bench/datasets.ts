/** Datasets by their files: which format they are in, and its reader. */
import { ErgoError } from '../errors.ts';
import { distinctPictures } from './distinct.ts';
import type { ParquetFormat } from './format.ts';
import { hrbench } from './hrbench.ts';
import { readItems, type Dataset } from './item.ts';
import { mmeRealworld } from './mme-realworld.ts';
import { openParquet, type DatasetFile, type ParquetTable } from './parquet.ts';
import { openVstar, VSTAR_QUESTIONS } from './vstar.ts';

export type { Dataset } from './item.ts';
export type { DatasetFile } from './parquet.ts';

/** The first whose mark a file bears. */
const FORMATS: readonly ParquetFormat[] = [mmeRealworld, hrbench];

/**
 * @param name in reports
 * @param files all of a folder, or only the parquet files; hidden ones are passed over
 * @throws ErgoError `dataset-unreadable`, naming file and line or column
 */
export async function readDataset(name: string, files: readonly DatasetFile[]): Promise<Dataset> {
  const shown = files.filter(({ path }) => !/(^|\/)\./.test(path));
  const questions = shown
    .filter(({ path }) => path === VSTAR_QUESTIONS || path.endsWith(`/${VSTAR_QUESTIONS}`))
    .sort((a, b) => a.path.length - b.path.length)[0];
  if (questions) return readVstarFolder(name, shown, questions);
  const parquet = shown
    .filter(({ path }) => path.endsWith('.parquet'))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  if (parquet.length > 0) return readParquet(name, parquet);
  const known = `neither ${VSTAR_QUESTIONS} nor a parquet file`;
  throw new ErgoError('dataset-unreadable', `${name} holds ${known}.`);
}

async function readVstarFolder(
  name: string,
  files: readonly DatasetFile[],
  questions: DatasetFile,
): Promise<Dataset> {
  const root = questions.path.slice(0, -VSTAR_QUESTIONS.length);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const dataset = await openVstar(name, async (path) => {
    const file = byPath.get(root + path);
    return file ? new Blob([await file.slice(0, file.byteLength)]) : null;
  });
  // Better now than in the middle of a long run.
  const lacking = dataset.items.find(({ image }) => !byPath.has(root + image));
  if (lacking === undefined) return dataset;
  throw new ErgoError('dataset-unreadable', `${name} lacks the picture ${lacking.image}.`);
}

interface Place {
  readonly table: ParquetTable;
  readonly format: ParquetFormat;
  readonly row: number;
}

interface Row {
  /** Of ids and categories. */
  readonly prefix: string;
  readonly values: unknown;
  readonly image: string;
}

async function readParquet(name: string, files: readonly DatasetFile[]): Promise<Dataset> {
  const opened = await Promise.all(
    files.map(async (file) => {
      const table = await openParquet(file);
      return { table, format: formatOf(table) };
    }),
  );
  if (new Set(opened.map(({ format }) => format)).size > 1) {
    const told = opened.map(({ table, format }) => `${table.path}: ${format.name}`);
    throw new ErgoError('dataset-unreadable', `${name} mixes datasets (${told.join(', ')}).`);
  }
  const rows: (Place & Row)[] = [];
  for (const { table, format } of opened) {
    const prefix = format.file === 'whole' && opened.length > 1 ? `${stem(table.path)}/` : '';
    for (const [row, values] of (await table.rows(format.columns)).entries()) {
      rows.push({ table, format, row, prefix, values, image: `${table.path}#${row}` });
    }
  }
  const places = new Map<string, Place>(rows.map((row) => [row.image, row]));
  const { items, refused } = readItems(rows, ({ table, format, row, prefix, values, image }) => {
    const { id, category, ...item } = format.item(values, `${table.path}, row ${row}`);
    return [{ ...item, id: prefix + id, category: prefix + category, image, boxes: [] }];
  });
  if (items.length === 0) throw new ErgoError('dataset-unreadable', `${name} holds no questions.`);
  const pictureOf = distinctPictures(({ table, format, row }: Place) =>
    table.bytes(format.picture, row),
  );
  return {
    name,
    items,
    refused,
    async picture({ image }) {
      const place = places.get(image);
      if (place) return pictureOf(place);
      throw new ErgoError('dataset-unreadable', `${name} lacks the picture ${image}.`);
    },
  };
}

function stem(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
}

/** @throws ErgoError `dataset-unreadable` naming the column that is missing */
function formatOf({ path, columns }: ParquetTable): ParquetFormat {
  const format = FORMATS.find(({ marks }) => marks.some((mark) => columns.includes(mark)));
  if (format === undefined) {
    const told = `its columns (${columns.join(', ')}) are of no dataset that is known`;
    throw new ErgoError('dataset-unreadable', `${path}: ${told}.`);
  }
  const missing = [...format.columns, format.picture].find((name) => !columns.includes(name));
  if (missing === undefined) return format;
  const told = `${path}: the column "${missing}" of ${format.name} is missing.`;
  throw new ErgoError('dataset-unreadable', told);
}

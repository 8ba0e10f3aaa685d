/**
 * Parquet files of large pictures. hyparquet reads a column of a row group at once; these files hold
 * hundreds of pictures in one group and no index of pages, so a picture's page is found by walking
 * from page header to page header, and only that page is read.
 */
import {
  parquetMetadataAsync,
  parquetReadObjects,
  type FileMetaData,
  type PageHeader,
} from 'hyparquet';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getSchemaPath } from 'hyparquet/src/schema.js';
import { ErgoError } from '../errors.ts';

/** A file of a dataset, wherever it lies. */
export interface DatasetFile {
  /** Below the dataset's folder, with forward slashes. */
  readonly path: string;
  readonly byteLength: number;
  /** Bytes from `start` up to, not including, `end`; to the end of the file without it. */
  slice(start: number, end?: number): Promise<ArrayBuffer> | ArrayBuffer;
}

export interface ParquetTable {
  readonly path: string;
  /** Top-level columns. */
  readonly columns: readonly string[];
  /**
   * Whole columns, so none of pictures.
   * @throws ErgoError `dataset-unreadable`
   */
  rows(columns: readonly string[]): Promise<readonly unknown[]>;
  /**
   * One value of a column of text or bytes, as bytes. The page that holds it stays in memory until
   * another one is read.
   * @throws ErgoError `dataset-unreadable`
   */
  bytes(column: string, row: number): Promise<Uint8Array>;
}

type Decoder = Parameters<typeof readPage>[2];
type Values = NonNullable<ReturnType<typeof readPage>['data']>;
type RowGroup = FileMetaData['row_groups'][number];

interface Page {
  readonly header: PageHeader;
  /** Of what follows the header. */
  readonly start: number;
  readonly firstRow: number;
  readonly endRow: number;
}

/** A column of a row group. */
interface Chunk {
  readonly decoder: Decoder;
  readonly dictionary: Values | undefined;
  readonly pages: readonly Page[];
}

/** Enough for any header without statistics of long values. */
const HEADER_BYTES = 16_384;

/** @throws ErgoError `dataset-unreadable` */
export async function openParquet(file: DatasetFile): Promise<ParquetTable> {
  const { path } = file;
  const metadata = await readable(path, () => parquetMetadataAsync(file));
  const [root, ...elements] = metadata.schema;
  const columns = topLevel(elements, root?.num_children ?? 0);
  let chunk: { readonly key: string; readonly value: Promise<Chunk> } | undefined;
  let page: { readonly of: Page; readonly values: Promise<Values> } | undefined;

  async function valueAt(column: string, row: number): Promise<unknown> {
    const { group, first } = groupOf(metadata, row);
    const key = `${first} ${column}`;
    if (chunk?.key !== key) chunk = { key, value: openChunk(file, metadata, group, column) };
    const { pages, decoder, dictionary } = await chunk.value;
    const inGroup = row - first;
    const found = pages.find(({ endRow }) => inGroup < endRow);
    if (found === undefined) throw new Error('the page of the row is missing');
    if (page?.of !== found) {
      page = { of: found, values: readValues(file, found, decoder, dictionary) };
    }
    const values = await page.values;
    return values[inGroup - found.firstRow];
  }

  return {
    path,
    columns,
    rows: (wanted) =>
      readable(path, () => parquetReadObjects({ file, metadata, columns: [...wanted] })),
    bytes: (column, row) =>
      readable(`${path}, row ${row}, column "${column}"`, async () => {
        const stored = await valueAt(column, row);
        // A struct's value comes in a list of one.
        const value: unknown = Array.isArray(stored) ? stored[0] : stored;
        if (value instanceof Uint8Array) return value;
        throw new Error('there is no picture');
      }),
  };
}

/** Foreign errors as ours, with what was being read in front. */
async function readable<T>(where: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ErgoError('dataset-unreadable', `${where}: ${problem}`, { cause });
  }
}

/** Names of the root's children; the schema is a tree written depth first. */
function topLevel(elements: FileMetaData['schema'], children: number): string[] {
  let at = 0;
  const skip = (): string => {
    const element = elements[at++];
    for (let child = 0; child < (element?.num_children ?? 0); child++) skip();
    return element?.name ?? '';
  };
  return Array.from({ length: children }, skip);
}

function groupOf({ row_groups }: FileMetaData, row: number): { group: RowGroup; first: number } {
  let first = 0;
  for (const group of row_groups) {
    const next = first + Number(group.num_rows);
    if (row < next) return { group, first };
    first = next;
  }
  throw new Error('there is no such row');
}

async function openChunk(
  file: DatasetFile,
  { schema }: FileMetaData,
  group: RowGroup,
  column: string,
): Promise<Chunk> {
  // Hugging Face's type of pictures is a struct of bytes and path.
  const names = [column, `${column}.bytes`];
  const meta = group.columns.find(({ meta_data }) =>
    names.includes(meta_data?.path_in_schema.join('.') ?? ''),
  )?.meta_data;
  const schemaPath = meta && getSchemaPath(schema, meta.path_in_schema);
  const element = schemaPath?.at(-1)?.element;
  if (!meta || !schemaPath || !element) throw new Error('it is not a plain column');
  // Bytes stay bytes: text of a picture would take its memory twice.
  const parsers = { ...DEFAULT_PARSERS, stringFromBytes: (bytes: Uint8Array) => bytes };
  const { path_in_schema: pathInSchema, type, codec } = meta;
  const decoder: Decoder = { pathInSchema, type, codec, element, schemaPath, parsers };
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const end = start + Number(meta.total_compressed_size);
  const pages: Page[] = [];
  let dictionary: Values | undefined;
  let firstRow = 0;
  for (let at = start; at < end;) {
    const { header, length } = await readHeader(file, at, end);
    const rows = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_rows ?? 0;
    const page = { header, start: at + length, firstRow, endRow: firstRow + rows };
    if (header.type === 'DICTIONARY_PAGE') dictionary = await readValues(file, page, decoder);
    else pages.push(page);
    firstRow = page.endRow;
    at = page.start + header.compressed_page_size;
  }
  return { decoder, dictionary, pages };
}

/** @returns the header at an offset and its own length in bytes */
async function readHeader(
  file: DatasetFile,
  at: number,
  end: number,
  bytes = HEADER_BYTES,
): Promise<{ readonly header: PageHeader; readonly length: number }> {
  const reader = { view: new DataView(await file.slice(at, Math.min(at + bytes, end))), offset: 0 };
  try {
    return { header: parquetHeader(reader), length: reader.offset };
  } catch (error) {
    // The view ends inside a header that is longer than usual.
    if (!(error instanceof RangeError) || at + bytes >= end) throw error;
    return readHeader(file, at, end, bytes * 8);
  }
}

async function readValues(
  file: DatasetFile,
  { header, start }: Page,
  decoder: Decoder,
  dictionary?: Values,
): Promise<Values> {
  const buffer = await file.slice(start, start + header.compressed_page_size);
  const reader = { view: new DataView(buffer), offset: 0 };
  const { data } = readPage(reader, header, decoder, dictionary, undefined, 0);
  if (data === undefined) throw new Error('a page holds no values');
  return data;
}

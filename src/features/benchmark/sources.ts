/** Where a dataset comes from: this site, a folder or files of this computer. */
import { queryOptions } from '@tanstack/react-query';
import { readDataset, type Dataset, type DatasetFile } from '../../core/bench/datasets.ts';
import { openVstar } from '../../core/bench/vstar.ts';
import { ErgoError, toErgoError } from '../../core/errors.ts';

/** Of the site; see public/bench. */
const EMBEDDED = 'scenes';

/** Fetched once per visit, however often it is chosen. */
export const embeddedDataset = queryOptions({
  queryKey: ['dataset', EMBEDDED],
  queryFn: () => openEmbedded(),
  staleTime: Infinity,
});

/** @throws ErgoError `dataset-unreadable`, `download-interrupted` */
function openEmbedded(base = document.baseURI): Promise<Dataset> {
  return openVstar(EMBEDDED, async (path) => {
    const url = new URL(`bench/${EMBEDDED}/${path}`, base);
    try {
      const response = await fetch(url);
      return response.ok ? await response.blob() : null;
    } catch (cause) {
      throw toErgoError(cause, 'download-interrupted');
    }
  });
}

/** @throws ErgoError `dataset-unreadable` */
export function openPicked(files: readonly File[]): Promise<Dataset> {
  const shown = files.map((file) => asDatasetFile(file, file.webkitRelativePath || file.name));
  // Of a folder, the first part of each path is its own name; single files have none.
  const folder = files[0]?.webkitRelativePath.split('/')[0];
  const name = folder || (files.length === 1 ? stem(files[0]?.name ?? '') : 'parquet files');
  return readDataset(
    name,
    folder ? shown.map((file) => ({ ...file, path: file.path.slice(folder.length + 1) })) : shown,
  );
}

/** The part of the File System Access API that is not in TypeScript's library. */
interface DirectoryPicker {
  showDirectoryPicker?: (options: { id: string }) => Promise<FileSystemDirectoryHandle>;
}

export function canPickFolder(): boolean {
  return (globalThis as DirectoryPicker).showDirectoryPicker !== undefined;
}

/**
 * Asks for a folder. Unlike an input, this does not speak of uploading.
 * @returns null if the person changed their mind
 * @throws ErgoError `dataset-unreadable`
 */
export async function openFolder(): Promise<Dataset | null> {
  let folder: FileSystemDirectoryHandle;
  try {
    const picker = (globalThis as DirectoryPicker).showDirectoryPicker;
    if (!picker) throw new ErgoError('dataset-unreadable', 'This browser cannot open folders.');
    folder = await picker.call(globalThis, { id: 'dataset' });
  } catch (thrown) {
    const error = toErgoError(thrown, 'dataset-unreadable');
    if (error.code === 'cancelled') return null;
    throw error;
  }
  const files: DatasetFile[] = [];
  for await (const file of filesBelow(folder, '')) files.push(file);
  return readDataset(folder.name, files);
}

async function* filesBelow(
  folder: FileSystemDirectoryHandle,
  path: string,
): AsyncGenerator<DatasetFile> {
  for await (const entry of folder.values()) {
    if (entry.kind === 'directory') yield* filesBelow(entry, `${path}${entry.name}/`);
    else yield asDatasetFile(await entry.getFile(), path + entry.name);
  }
}

function asDatasetFile(file: File, path: string): DatasetFile {
  return {
    path,
    byteLength: file.size,
    slice: (start, end) => file.slice(start, end).arrayBuffer(),
  };
}

function stem(name: string): string {
  return name.replace(/\.[^.]*$/, '');
}

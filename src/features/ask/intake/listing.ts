/** Which of many files are pictures, and in which order they are offered. */

/** More thumbnails than anybody looks through. */
const MOST = 200;
/** Files of a dropped folder that are looked at; what lies deeper or behind them is left out. */
const MOST_FILES = 5000;
const MOST_FOLDERS = 8;

export interface Listing {
  /** In the order of their names, as people count: 2 before 10. */
  readonly pictures: readonly File[];
  /** Pictures beyond those. */
  readonly more: number;
  /** Files that are no pictures by type and name. */
  readonly others: number;
}

export interface Found {
  readonly file: File;
  /** Below the folder that was chosen or dropped. */
  readonly path: string;
}

/** Picked files of a folder know their paths. */
export function foundIn(files: readonly File[]): Found[] {
  return files.map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

export function listPictures(files: readonly Found[]): Listing {
  const pictures = files.filter((one) => looksLikePicture(one.file) && !isHidden(one));
  const sorted = pictures.sort((a, b) => NATURAL.compare(a.path, b.path));
  return {
    pictures: sorted.slice(0, MOST).map(({ file }) => file),
    more: Math.max(0, sorted.length - MOST),
    others: files.length - pictures.length,
  };
}

const NATURAL = new Intl.Collator(undefined, { numeric: true });
const PICTURE_NAME = /\.(avif|bmp|dib|gif|heic|heif|ico|jfif|jpe?g|jxl|pjp(eg)?|png|tiff?|webp)$/i;

function looksLikePicture({ name, type }: File): boolean {
  return type.startsWith('image/') || PICTURE_NAME.test(name);
}

/** Systems keep small copies and remarks in files of that kind. */
function isHidden({ path }: Found): boolean {
  return path.split('/').some((part) => part.startsWith('.'));
}

/** What a drop knows of a file or folder; FileSystemEntry fits. */
export interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
}

interface FileEntry extends Entry {
  file(done: (file: File) => void, failed: (error: unknown) => void): void;
}

interface FolderEntry extends Entry {
  createReader(): {
    readEntries(done: (entries: Entry[]) => void, failed: (error: unknown) => void): void;
  };
}

/**
 * Every file of dropped folders, folder by folder. What cannot be read is left out.
 * @throws ErgoError `cancelled`
 */
export async function filesOf(
  entries: readonly Entry[],
  signal: AbortSignal,
  folder: readonly string[] = [],
  found: Found[] = [],
): Promise<Found[]> {
  for (const entry of entries) {
    signal.throwIfAborted();
    if (found.length >= MOST_FILES) break;
    const path = [...folder, entry.name].join('/');
    if (!entry.isDirectory) {
      const file = await fileOf(entry as FileEntry);
      if (file) found.push({ file, path });
    } else if (folder.length < MOST_FOLDERS) {
      const children = await childrenOf(entry as FolderEntry);
      await filesOf(children, signal, [...folder, entry.name], found);
    }
  }
  return found;
}

function fileOf(entry: FileEntry): Promise<File | null> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)));
}

async function childrenOf(folder: FolderEntry): Promise<Entry[]> {
  const reader = folder.createReader();
  const children: Entry[] = [];
  for (;;) {
    // They come in parts of a hundred; an empty part is the end.
    const part = await new Promise<Entry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (part.length === 0 || children.length > MOST_FILES) return children;
    children.push(...part);
  }
}

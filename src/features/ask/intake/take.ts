/** The one entry for files from outside: picked, dropped, pasted, linked, or handed over. */
import { create } from 'zustand';
import { ErgoError, toErgoError } from '../../../core/errors.ts';
import { useReplay } from '../../share/replay-store.ts';
import { useAsk, type About } from '../ask-store.ts';
import { fetchPicture, hostOf, nameOf, parseAddress } from './address.ts';
import type { Brought } from './brought.ts';
import { filesOf, foundIn, listPictures, type Found, type Listing } from './listing.ts';

export interface Busy {
  /** As it is said: "Fetching from example.org". */
  readonly what: string;
  /** Bytes; a total of null is not known. */
  readonly loaded: number;
  readonly total: number | null;
}

export interface Intake {
  /** What takes its time on the way to a picture. */
  readonly busy: Busy | null;
  /** Pictures that came together, to choose from. */
  readonly listing: Listing | null;
}

export const useTaken = create<Intake>()(() => ({ busy: null, listing: null }));

/** Of what is on its way: whatever comes after it wins. */
let latest = new AbortController();

/** Lets go of what is on its way; what is shown stays. */
export function stopTaking(): void {
  latest.abort();
  useTaken.setState({ busy: null });
}

/** Failures are told as the picture's error; never rejects. */
export async function take(brought: Brought): Promise<void> {
  switch (brought.kind) {
    case 'files':
      return takeFiles(brought.files);
    case 'folder':
      return offer('Looking through the folder', (signal) => filesOf(brought.entries, signal));
    case 'address':
      return void (await takeAddress(brought.address));
    case 'nothing':
  }
}

/**
 * Shows the first file that is a picture by its name or type, and offers the others; where none
 * is, the first file, so that it is told what is wrong with it.
 * @param files at least one
 */
export async function takeFiles(files: readonly File[]): Promise<void> {
  stopTaking();
  const listing = listPictures(foundIn(files));
  useTaken.setState({ listing: files.length > 1 ? listing : null });
  const file = listing.pictures[0] ?? files[0];
  if (!file) return;
  // A saved run is no picture.
  if (listing.pictures.length === 0 && (await useReplay.getState().openFile(file))) return;
  await useAsk.getState().show(file, file.name);
}

/** Offers the pictures of a picked folder. */
export function takeFolder(files: readonly File[]): Promise<void> {
  return offer('Looking through the folder', async () => foundIn(files));
}

/** One of those that are offered. */
export async function choosePicture(file: File): Promise<void> {
  stopTaking();
  await useAsk.getState().show(file, file.name);
}

export function closeListing(): void {
  useTaken.setState({ listing: null });
}

/**
 * Shows the picture at an address. What is shown already stays until the new one is there.
 * @param text as a person wrote it
 * @param name if it is not that of its file
 * @returns whether it is shown
 */
export async function takeAddress(
  text: string,
  { name, ...about }: About & { readonly name?: string } = {},
): Promise<boolean> {
  let file: File | undefined;
  let called = name;
  await onTheWay('Fetching', async (signal) => {
    const url = parseAddress(text, document.baseURI);
    called ??= nameOf(url);
    const what = `Fetching from ${hostOf(url)}`;
    const onProgress = (loaded: number, total: number | null): void => {
      if (!signal.aborted) useTaken.setState({ busy: { what, loaded, total } });
    };
    onProgress(0, null);
    file = await fetchPicture(url, { signal, onProgress });
  });
  if (!file) return false;
  closeListing();
  await useAsk.getState().show(file, called ?? '', about);
  return useAsk.getState().picture?.file === file;
}

async function offer(
  what: string,
  find: (signal: AbortSignal) => Promise<readonly Found[]>,
): Promise<void> {
  await onTheWay(what, async (signal) => {
    const listing = listPictures(await find(signal));
    signal.throwIfAborted();
    if (listing.pictures.length === 0) {
      throw new ErgoError('no-picture', 'There is no picture in this folder.');
    }
    useTaken.setState({ listing });
  });
}

/** Tells what is going on, and its failure unless something else was chosen since. */
async function onTheWay(what: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  stopTaking();
  const mine = new AbortController();
  latest = mine;
  useAsk.setState({ pictureError: null });
  useTaken.setState({ busy: { what, loaded: 0, total: null } });
  try {
    await work(mine.signal);
  } catch (thrown) {
    if (!mine.signal.aborted) useAsk.setState({ pictureError: toErgoError(thrown) });
  } finally {
    if (latest === mine) useTaken.setState({ busy: null });
  }
}

/** The one entry for files from outside: picked, dropped, pasted, or handed over by the system. */
import { useAsk } from '../ask-store.ts';

/**
 * Shows the first file that is a picture by its name or type; where none is, the first one, so
 * that it is told what is wrong with it.
 * @param files at least one
 */
export function takeFiles(files: readonly File[]): void {
  const file = files.find(looksLikePicture) ?? files[0];
  if (file) void useAsk.getState().show(file, file.name);
}

const PICTURE_NAME = /\.(avif|bmp|dib|gif|heic|heif|ico|jfif|jpe?g|jxl|pjp(eg)?|png|tiff?|webp)$/i;

function looksLikePicture({ name, type }: File): boolean {
  return type.startsWith('image/') || PICTURE_NAME.test(name);
}

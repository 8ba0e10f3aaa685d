/** Ways out of the page, as far as the browser has them; each on a press of a button. */

export function canCopyPictures(): boolean {
  // Both are missing on a page that is served without encryption.
  return typeof ClipboardItem !== 'undefined' && navigator.clipboard !== undefined;
}

/** @returns whether it was copied: browsers refuse without a press, or without encryption */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** @param picture PNG @returns as `copyText` */
export async function copyPicture(picture: Blob): Promise<boolean> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ [picture.type]: picture })]);
    return true;
  } catch {
    return false;
  }
}

/** Can this be handed to another app? */
export function canShare(data: ShareData): boolean {
  // Both are missing where there is nothing to hand it to.
  return 'canShare' in navigator && navigator.canShare(data);
}

/** The device's own sheet; to be left is no failure. */
export async function share(data: ShareData): Promise<void> {
  await navigator.share(data).catch(() => undefined);
}

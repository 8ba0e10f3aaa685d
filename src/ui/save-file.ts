/** Puts a file among the person's downloads; on a press of a button. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has its own hold on the file once the download has begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

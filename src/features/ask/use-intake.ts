/** Every way in which a picture comes without a button: dropped anywhere, or pasted. */
import { useEffect, useState } from 'react';

/**
 * @param take must be stable
 * @returns whether something is being dragged over the page
 */
export function useIntake(take: (file: File) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const onDrag = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    };
    const onDrop = (event: DragEvent): void => {
      setOver(false);
      const file = event.dataTransfer?.files[0];
      // Text that is dropped into the question stays text.
      if (!file) return;
      event.preventDefault();
      take(file);
    };
    const onPaste = (event: ClipboardEvent): void => {
      // Some programs put a picture of the copied text beside it.
      const isText = event.clipboardData?.types.includes('text/plain') ?? false;
      const file = event.clipboardData?.files[0];
      if (file && !isText) take(file);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    document.addEventListener('dragover', onDrag, { signal });
    document.addEventListener('dragleave', onLeave, { signal });
    document.addEventListener('drop', onDrop, { signal });
    document.addEventListener('paste', onPaste, { signal });
    return () => controller.abort();
  }, [take]);
  return isOver;
}

/** Every way in which a picture comes without a button: dropped anywhere, or pasted. */
import { useEffect, useState } from 'react';
import { dropped, pasted, type Brought, type Parcel } from './brought.ts';

/** What may be dropped, by the types that a drag tells before its end. */
const TAKEN = ['Files', 'text/uri-list', 'text/html'];

/**
 * @param take must be stable; never called with nothing
 * @returns whether something is being dragged over the page
 */
export function useIntake(take: (brought: Brought) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    // A picture of this page that is dragged about in it.
    let isOwn = false;
    // What is not taken goes its usual way.
    const handOver = (event: Event, brought: Brought): void => {
      if (brought.kind === 'nothing') return;
      event.preventDefault();
      take(brought);
    };
    const onDrag = (event: DragEvent): void => {
      const types = event.dataTransfer?.types ?? [];
      const isTaken = types.includes('Files') || (!isOwn && !isField(event.target));
      if (!isTaken || !TAKEN.some((type) => types.includes(type))) return;
      event.preventDefault();
      setOver(true);
    };
    const onDrop = (event: DragEvent): void => {
      setOver(false);
      const wasOwn = isOwn;
      // What was dragged may be gone with its dragend.
      isOwn = false;
      if (!event.dataTransfer || wasOwn) return;
      handOver(event, dropped(unpack(event.dataTransfer), isField(event.target)));
    };
    const onPaste = (event: ClipboardEvent): void => {
      if (!event.clipboardData) return;
      handOver(event, pasted(unpack(event.clipboardData), isField(event.target)));
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    document.addEventListener('dragstart', () => (isOwn = true), { signal });
    document.addEventListener('dragend', () => (isOwn = false), { signal });
    document.addEventListener('dragover', onDrag, { signal });
    document.addEventListener('dragleave', onLeave, { signal });
    document.addEventListener('drop', onDrop, { signal });
    document.addEventListener('paste', onPaste, { signal });
    return () => controller.abort();
  }, [take]);
  return isOver;
}

function unpack(data: DataTransfer): Parcel {
  const entries = [...data.items]
    .map((item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null))
    .filter((entry) => entry !== null);
  return {
    files: [...data.files],
    entries: entries.some(({ isDirectory }) => isDirectory) ? entries : [],
    text: data.getData('text/plain'),
    html: data.getData('text/html'),
    uris: data.getData('text/uri-list'),
  };
}

/** Where text can be written. */
function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('textarea, input:not([type=range], [type=file])'))
  );
}

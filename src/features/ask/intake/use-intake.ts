/** Every way in which a picture comes without a button: dropped anywhere, or pasted. */
import { useEffect, useState } from 'react';
import { dropped, pasted, type Brought, type Parcel } from './brought.ts';

/**
 * @param take must be stable
 * @returns whether something is being dragged over the page
 */
export function useIntake(take: (files: readonly File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    // What is not taken goes its usual way.
    const handOver = (event: Event, brought: Brought): void => {
      if (brought.kind === 'nothing') return;
      event.preventDefault();
      take(brought.files);
    };
    const onDrag = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    };
    const onDrop = (event: DragEvent): void => {
      setOver(false);
      if (event.dataTransfer) handOver(event, dropped(unpack(event.dataTransfer)));
    };
    const onPaste = (event: ClipboardEvent): void => {
      if (!event.clipboardData) return;
      handOver(event, pasted(unpack(event.clipboardData), isField(event.target)));
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

function unpack(data: DataTransfer): Parcel {
  return {
    files: [...data.files],
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

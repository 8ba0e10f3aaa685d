import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { Button } from './button.tsx';
import styles from './sheet.module.css';

interface Props {
  readonly title: string;
  /** Also for Escape and for a press beside the sheet. */
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * A sheet over the page, open as long as it is drawn: at the side of a wide window, at the foot of
 * a narrow one. The browser's own modal dialog keeps the focus inside and gives it back.
 */
export function Sheet({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the element leaves the document: only an open dialog can give the focus back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      className={styles.sheet}
      onCancel={(event) => {
        // A file input's own "cancel" comes by here as well.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        // What lies inside is its children's; the element itself is the backdrop.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className={styles.inside}>
        <header className={styles.header}>
          <h2 id={id}>{title}</h2>
          <Button look="small" onClick={onClose}>
            Close
          </Button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

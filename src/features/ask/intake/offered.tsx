import { useCallback, useRef, type KeyboardEvent } from 'react';
import { Button } from '../../../ui/button.tsx';
import { count } from '../../../ui/format.ts';
import { useAsk } from '../ask-store.ts';
import type { Listing } from './listing.ts';
import styles from './intake.module.css';
import { choosePicture, closeListing, useTaken } from './take.ts';

/** Pictures that came together, as a strip to choose from. */
export function Offered() {
  const listing = useTaken((state) => state.listing);
  const shown = useAsk((state) => state.picture?.file ?? null);
  const list = useRef<HTMLUListElement>(null);
  if (!listing) return null;
  const { pictures } = listing;
  // One stop for the Tab key; arrows go on from there.
  const current = Math.max(
    0,
    pictures.findIndex((file) => file === shown),
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = buttons.findIndex((button) => button === document.activeElement);
    const next = nextOf(event.key, at, buttons.length);
    if (next === null) return;
    event.preventDefault();
    buttons[next]?.focus();
  };
  return (
    <section aria-label="Pictures to choose from" className={styles.offered}>
      <div className={styles.line}>
        <p role="status">{wordsOf(listing)}</p>
        <Button look="small" onClick={closeListing}>
          Close
        </Button>
      </div>
      {pictures.length > 1 && (
        // The buttons in it are what takes the keys.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
        <ul ref={list} className={styles.strip} onKeyDown={onKeyDown}>
          {pictures.map((file, index) => (
            <li key={`${index} ${file.name}`}>
              <button
                type="button"
                tabIndex={index === current ? 0 : -1}
                aria-current={file === shown ? true : undefined}
                onClick={() => void choosePicture(file)}
              >
                <Thumbnail file={file} />
                <span>{file.name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function wordsOf({ pictures, more, others }: Listing): string {
  const all = pictures.length + more;
  const words = [all === 1 ? '1 picture' : `${count(all)} pictures`];
  if (more > 0) words.push(`the first ${count(pictures.length)} of them are here`);
  if (others === 1) words.push('1 other file was left out');
  if (others > 1) words.push(`${count(others)} other files were left out`);
  return `${words.join('; ')}.`;
}

function nextOf(key: string, at: number, length: number): number | null {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return Math.min(at + 1, length - 1);
    case 'ArrowLeft':
    case 'ArrowUp':
      return Math.max(at - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return null;
  }
}

/** Decoded by the browser when it comes into view; nothing is drawn of what is no picture. */
function Thumbnail({ file }: { readonly file: File }) {
  const draw = useCallback(
    (image: HTMLImageElement) => {
      const url = URL.createObjectURL(file);
      image.src = url;
      return () => URL.revokeObjectURL(url);
    },
    [file],
  );
  return <img ref={draw} alt="" loading="lazy" decoding="async" />;
}

import { useEffect, useRef, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { bytes as sizeText } from '../../ui/format.ts';
import styles from './panel.module.css';

interface Props {
  readonly name: string;
  /** What is given back. */
  readonly bytes: number;
  readonly isInUse: boolean;
  readonly onDelete: () => Promise<void>;
}

/** Asks once more, in place; the focus is on the way back. */
export function DeleteButton({ name, bytes, isInUse, onDelete }: Props) {
  const [isAsking, setAsking] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  useEffect(() => {
    if (isAsking) keep.current?.focus();
    else if (wasAsking.current) opener.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);
  if (!isAsking) {
    return (
      <Button ref={opener} look="small" onClick={() => setAsking(true)}>
        Delete…<span className={styles.unseen}> {name}</span>
      </Button>
    );
  }
  return (
    <div role="group" aria-label={`Delete ${name}?`} className={styles.confirm}>
      <p>
        Delete {name}? {sizeText(bytes)} are given back.
        {isInUse && ' It stays in use until the page is closed.'}
      </p>
      <Button look="small" onClick={() => void onDelete().then(() => setAsking(false))}>
        Delete
      </Button>
      <Button ref={keep} look="small" onClick={() => setAsking(false)}>
        Keep it
      </Button>
    </div>
  );
}

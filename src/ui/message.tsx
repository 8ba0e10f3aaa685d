import type { ReactNode } from 'react';
import styles from './message.module.css';

interface Props {
  readonly kind: 'failure' | 'notice';
  readonly title: string;
  readonly children?: ReactNode;
}

/** A failure interrupts a screen reader, a notice waits. */
export function Message({ kind, title, children }: Props) {
  return (
    <div role={kind === 'failure' ? 'alert' : 'status'} className={`${styles.box} ${styles[kind]}`}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}

import type { ReactNode } from 'react';
import styles from './benchmark.module.css';

interface Props {
  readonly label: string;
  readonly children: ReactNode;
}

/** What may be wider than a narrow screen; a keyboard can scroll it too. */
export function Scroll({ label, children }: Props) {
  return (
    <div
      role="group"
      aria-label={label}
      className={styles.scroll}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
    >
      {children}
    </div>
  );
}

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

interface FailureProps {
  readonly error: { readonly message: string; readonly nextStep: string };
  readonly children?: ReactNode;
}

/** What happened, and what to do next. */
export function FailureMessage({ error, children }: FailureProps) {
  return (
    <Message kind="failure" title={error.message}>
      <p>{error.nextStep}</p>
      {children}
    </Message>
  );
}

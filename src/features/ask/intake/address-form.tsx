import { useId, useState, type FormEvent } from 'react';
import { Button } from '../../../ui/button.tsx';
import styles from './intake.module.css';
import { takeAddress } from './take.ts';

/** A picture that lies on another host. */
export function AddressForm() {
  const id = useId();
  const [text, setText] = useState('');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') void takeAddress(text);
  };
  return (
    <form className={styles.address} onSubmit={onSubmit}>
      <label htmlFor={id}>Or its address</label>
      <input
        id={id}
        value={text}
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        placeholder="https://"
        aria-describedby={`${id}-host`}
        onChange={({ target }) => setText(target.value)}
      />
      <Button look="small" type="submit" disabled={text.trim() === ''}>
        Open
      </Button>
      <p id={`${id}-host`}>
        Its host is asked for the picture by this page, and learns nothing of your question.
      </p>
    </form>
  );
}

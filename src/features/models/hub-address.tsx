import { useId, useState, type FormEvent } from 'react';
import { toErgoError, type ErgoError } from '../../core/errors.ts';
import { HUB } from '../../models/hub/address.ts';
import { Button } from '../../ui/button.tsx';
import { FailureMessage } from '../../ui/message.tsx';
import { hubInUse, setHub } from '../backend/hub-setting.ts';
import styles from './panel.module.css';

/** Where names of the hub are looked up: Hugging Face's own address, or a mirror of it. */
export function HubAddress() {
  const id = useId();
  const [used, setUsed] = useState(hubInUse);
  const [text, setText] = useState(used);
  const [error, setError] = useState<ErgoError | null>(null);
  const save = (wanted: string | null): void => {
    setError(null);
    try {
      const now = setHub(wanted);
      setUsed(now);
      setText(now);
    } catch (thrown) {
      setError(toErgoError(thrown));
    }
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save(text);
  };
  return (
    <details className={styles.other} open={used !== HUB || error !== null}>
      <summary>Hub: {used}</summary>
      <form className={styles.lookup} onSubmit={onSubmit}>
        <label htmlFor={id}>Address of the hub</label>
        <input
          id={id}
          value={text}
          inputMode="url"
          spellCheck={false}
          aria-invalid={error !== null}
          onChange={({ target }) => setText(target.value)}
        />
        <Button look="small" type="submit" disabled={text.trim() === used}>
          Save
        </Button>
      </form>
      {used !== HUB && (
        <Button look="small" onClick={() => save(null)}>
          Hugging Face again
        </Button>
      )}
      <p className={styles.soft}>A mirror has to answer as Hugging Face’s hub does.</p>
      {error && <FailureMessage error={error} />}
    </details>
  );
}

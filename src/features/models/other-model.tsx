import { useQueryClient } from '@tanstack/react-query';
import { useId, useRef, useState, type FormEvent } from 'react';
import { toErgoError, type ErgoError } from '../../core/errors.ts';
import { Button } from '../../ui/button.tsx';
import { FileInput } from '../../ui/file-input.tsx';
import { FailureMessage } from '../../ui/message.tsx';
import { useModel } from './model-store.ts';
import styles from './panel.module.css';
import { namedModel } from './queries.ts';

interface Props {
  /** A name that a model was found by. */
  readonly onName: (reference: string) => void;
}

/** Models that are not of the catalogue: of the hub, of another server, of this computer. */
export function OtherModel({ onName }: Props) {
  const { device, choose } = useModel();
  const client = useQueryClient();
  const id = useId();
  const folder = useRef<HTMLInputElement>(null);
  const [name, setName] = useState('');
  const [found, setFound] = useState<string | null>(null);
  const [error, setError] = useState<ErgoError | null>(null);
  const [isLooking, setLooking] = useState(false);

  const lookUp = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const reference = name.trim();
    if (reference === '' || isLooking) return;
    setLooking(true);
    setError(null);
    setFound(null);
    try {
      const { profile } = await client.fetchQuery(namedModel(reference, device));
      setFound(`${profile.name} is in the list above.`);
      onName(reference);
    } catch (thrown) {
      setError(toErgoError(thrown));
    } finally {
      setLooking(false);
    }
  };
  return (
    <section aria-labelledby={`${id}-title`} className={styles.other}>
      <h3 id={`${id}-title`}>Another model</h3>
      <form className={styles.lookup} onSubmit={(event) => void lookUp(event)}>
        <label htmlFor={id}>Name at the hub, or URL of a folder</label>
        <input
          id={id}
          value={name}
          placeholder="owner/name or https://…"
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={error !== null}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => setName(target.value)}
        />
        <Button look="small" type="submit" disabled={name.trim() === '' || isLooking}>
          {isLooking ? 'Looking…' : 'Look up'}
        </Button>
      </form>
      <p id={`${id}-hint`} className={styles.soft}>
        A revision can follow: owner/name@revision. Only its description is fetched; the weights
        come when you download them.
      </p>
      <p role="status">{isLooking ? 'Looking it up…' : found}</p>
      {error && <FailureMessage error={error} />}
      <div className={styles.actions}>
        <Button look="small" onClick={() => folder.current?.click()}>
          Folder of this computer…
        </Button>
        <span className={styles.soft}>It is read where it lies, and has to be picked again.</span>
      </div>
      <FileInput
        ref={folder}
        isFolder
        aria-label="Model folder"
        onPick={(files) => void choose(files)}
      />
    </section>
  );
}

import { useCallback } from 'react';
import { EXTENSION } from '../../core/share/saved-run.ts';
import { Button } from '../../ui/button.tsx';
import { bytes } from '../../ui/format.ts';
import { FailureMessage } from '../../ui/message.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { startedOf, type Exhibit } from './exhibit.ts';
import { nameOf } from './file-name.ts';
import { fileOf } from './pack-up.ts';
import styles from './replay.module.css';
import { useMade } from './use-made.ts';

/** The run itself, to be dropped onto the page again, or read by programs. */
export function ShareFile({ exhibit }: { readonly exhibit: Exhibit }) {
  const make = useCallback(() => fileOf(exhibit), [exhibit]);
  const made = useMade(make);
  const { question } = startedOf(exhibit.main);
  const isSample = exhibit.picture.sample !== null;
  return (
    <section className={styles.part} aria-labelledby="share-file">
      <h3 id="share-file">Saved run</h3>
      <p className={styles.soft}>
        Every event and what the model saw
        {!isSample && ', your picture at no more than 1024 pixels and its name'}. Dropped onto this
        page it is replayed.
      </p>
      {made.status === 'failed' && <FailureMessage error={made.error} />}
      <div className={styles.actions}>
        <Button
          disabled={made.status !== 'made'}
          onClick={() =>
            made.status === 'made' && saveFile(made.value, nameOf(question, EXTENSION))
          }
        >
          Save the run{made.status === 'made' && ` (${bytes(made.value.size)})`}
        </Button>
      </div>
    </section>
  );
}

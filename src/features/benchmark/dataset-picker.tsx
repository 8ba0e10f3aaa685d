import { useCallback, useRef } from 'react';
import { Button } from '../../ui/button.tsx';
import { FileInput } from '../../ui/file-input.tsx';
import { count } from '../../ui/format.ts';
import { FailureMessage, Message } from '../../ui/message.tsx';
import { queryClient } from '../query/query-client.ts';
import type { Brought } from '../ask/intake/brought.ts';
import { useIntake } from '../ask/intake/use-intake.ts';
import { useBench } from './bench-store.ts';
import styles from './benchmark.module.css';
import { canPickFolder, embeddedDataset, openFolder, openPicked } from './sources.ts';

/** Which questions: those of this site, or a folder or files of this computer. */
export function DatasetPicker() {
  const { dataset, isReading, datasetError, missing, status, read } = useBench();
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const isBusy = isReading || status === 'running';
  const take = (picked: readonly File[]): void => void read('picked', () => openPicked(picked));
  // A file that misses the page would take its place.
  useIntake(
    useCallback(
      (brought: Brought) => {
        const files = brought.kind === 'files' ? brought.files : [];
        const tables = files.filter(({ name }) => name.endsWith('.parquet'));
        if (tables.length > 0) void read('picked', () => openPicked(tables));
      },
      [read],
    ),
  );
  return (
    <section aria-labelledby="dataset" className={styles.card} aria-busy={isReading}>
      <h3 id="dataset">Dataset</h3>
      <p>
        {isReading && 'Reading…'}
        {!isReading && dataset && (
          <>
            <b>{dataset.name}</b>, {count(dataset.items.length)}{' '}
            {dataset.items.length === 1 ? 'question' : 'questions'}
          </>
        )}
        {!isReading && !dataset && <span className={styles.soft}>Nothing chosen yet.</span>}
      </p>
      {!isReading && dataset && dataset.refused.length > 0 && (
        <details className={styles.failures}>
          <summary>
            Not asked, because their label is none of their options: {dataset.refused.length}
          </summary>
          <ul>
            {dataset.refused.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </details>
      )}
      {missing !== null && !isReading && (
        <Message
          kind="notice"
          title={`“${missing}” has to be picked again after a reload; its finished runs are kept.`}
        />
      )}
      {datasetError && <FailureMessage error={datasetError} />}
      <div className={styles.row}>
        <Button
          look="small"
          disabled={isBusy}
          onClick={() => void read('embedded', () => queryClient.fetchQuery(embeddedDataset))}
        >
          Embedded scenes
        </Button>
        <Button
          look="small"
          disabled={isBusy}
          onClick={() =>
            canPickFolder() ? void read('picked', openFolder) : folder.current?.click()
          }
        >
          Choose a folder
        </Button>
        <Button look="small" disabled={isBusy} onClick={() => files.current?.click()}>
          Choose parquet files
        </Button>
      </div>
      <p className={styles.soft}>
        V* Bench as a folder, HR-Bench and MME-RealWorld-Lite as folder or files. They are read here
        and sent nowhere.
      </p>
      <FileInput ref={folder} isFolder aria-label="Dataset folder" onPick={take} />
      <FileInput ref={files} accept=".parquet" multiple aria-label="Parquet files" onPick={take} />
    </section>
  );
}

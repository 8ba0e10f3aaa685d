import { bytes, clock } from '../../ui/format.ts';
import { FailureMessage } from '../../ui/message.tsx';
import { Meter } from '../../ui/meter.tsx';
import styles from './panel.module.css';
import { fractionOf, rateOf, timeLeft, type Transfer } from './transfer.ts';

/** A download: how much is there, how fast the rest comes, and how long that takes. */
export function TransferPart({ transfer }: { readonly transfer: Transfer }) {
  const { status, name, loadedBytes, totalBytes, files, wait, error } = transfer;
  if (status === 'opening') return <p role="status">Asking what the model consists of…</p>;
  const rate = rateOf(transfer);
  const left = timeLeft(transfer);
  const parts = [
    totalBytes > 0 && `${bytes(loadedBytes)} of ${bytes(totalBytes)}`,
    rate !== null && `${bytes(rate)}/s`,
    left !== null && `${clock(left)} left`,
    status === 'paused' && 'paused',
  ].filter((part) => part !== false);
  return (
    <div className={styles.transfer}>
      <Meter fraction={fractionOf(transfer)} label={`Downloading ${name}`} />
      <p className={styles.numbers} data-testid="transfer">
        {parts.join(' · ')}
      </p>
      {wait && <p role="status">{wait}</p>}
      {files.length > 0 && (
        <details>
          <summary>Files</summary>
          <ul className={styles.files}>
            {files.map(({ path, loadedBytes, totalBytes }) => (
              <li key={path}>
                <span>{path}</span>
                <span>
                  {loadedBytes === totalBytes
                    ? bytes(totalBytes)
                    : `${bytes(loadedBytes)} of ${bytes(totalBytes)}`}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {error && <FailureMessage error={error} />}
    </div>
  );
}

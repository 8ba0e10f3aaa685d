import type { DeviceReport } from '../../core/contracts/model.ts';
import { Button } from '../../ui/button.tsx';
import { bytes } from '../../ui/format.ts';
import { FailureMessage, Message } from '../../ui/message.tsx';
import { Meter } from '../../ui/meter.tsx';
import { ModelChoice } from './model-choice.tsx';
import { useModel } from './model-store.ts';
import styles from './model-status.module.css';
import { usePanel } from './panel-store.ts';
import { Refused } from './refused.tsx';
import { Stalled } from './stalled.tsx';

/** What the model is doing, in one line; more while it loads or when it failed. */
export function ModelStatus() {
  const { status, offer, model, progress, error, refused, load, cancel } = useModel();
  // It tells of its own choices.
  const isPanelOpen = usePanel((state) => state.isOpen);
  const name = offer?.profile.name ?? 'the model';
  return (
    <section aria-label="Model" className={styles.model}>
      <div className={styles.line}>
        {status === 'searching' && <span>Looking for the model…</span>}
        {status === 'offered' && offer && (
          <Button look="small" onClick={() => void load()}>
            Load {name} ({bytes(offer.bytes)})
          </Button>
        )}
        {status === 'loading' && (
          <>
            <span>{progress.label}…</span>
            <Button look="small" onClick={cancel}>
              Cancel
            </Button>
          </>
        )}
        {status === 'ready' && model && (
          <span className={styles.ready}>
            {name} is ready on {placeOf(model.info.device)}
          </span>
        )}
        <ModelChoice />
      </div>
      {status === 'loading' && <Loading />}
      {status === 'ready' && model?.info.device.fallbackReason && (
        <Message kind="notice" title={model.info.device.fallbackReason} />
      )}
      <Stalled />
      {refused && !isPanelOpen && <Refused refused={refused} />}
      {status === 'failed' && error && (
        <FailureMessage error={error}>
          <Button look="small" onClick={() => void load()}>
            Try again
          </Button>
        </FailureMessage>
      )}
    </section>
  );
}

function placeOf({ used, adapter }: DeviceReport): string {
  if (used === 'wasm') return 'the processor';
  return adapter === null ? 'the GPU' : `the GPU (${adapter})`;
}

function Loading() {
  const { fraction, loadedBytes, totalBytes, files } = useModel((state) => state.progress);
  return (
    <div className={styles.loading}>
      <Meter fraction={fraction} label="Loading the model" />
      {totalBytes > 0 && (
        <details>
          <summary>
            {bytes(loadedBytes)} of {bytes(totalBytes)}
          </summary>
          <ul className={styles.files}>
            {files.map(({ name, fraction }) => (
              <li key={name}>
                <span>{name}</span>
                <span>{Math.round(fraction * 100)} %</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

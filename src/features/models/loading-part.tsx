import { Button } from '../../ui/button.tsx';
import { bytes } from '../../ui/format.ts';
import { Meter } from '../../ui/meter.tsx';
import { useModel } from './model-store.ts';
import styles from './panel.module.css';

/** What the model in use is doing before it can be asked. */
export function LoadingPart() {
  const { status, offer, progress, load, cancel } = useModel();
  if (status === 'loading') {
    return (
      <div className={styles.transfer}>
        <p role="status">{progress.label}…</p>
        <Meter fraction={progress.fraction} label="Loading the model" />
        <Button look="small" onClick={cancel}>
          Cancel
        </Button>
      </div>
    );
  }
  if (status !== 'offered' || !offer) return null;
  return (
    <div className={styles.actions}>
      <Button look="small" onClick={() => void load()}>
        Load {offer.profile.name} ({bytes(offer.bytes)})
      </Button>
    </div>
  );
}

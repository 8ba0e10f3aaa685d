import { Button } from '../../../ui/button.tsx';
import { bytes } from '../../../ui/format.ts';
import { Meter } from '../../../ui/meter.tsx';
import styles from './intake.module.css';
import { stopTaking, useTaken } from './take.ts';

/** What is on its way to become a picture, and a way to let it go. */
export function BusyLine() {
  const busy = useTaken((state) => state.busy);
  if (!busy) return null;
  const { what, loaded, total } = busy;
  const amount =
    loaded > 0 && (total === null ? bytes(loaded) : `${bytes(loaded)} of ${bytes(total)}`);
  return (
    <div className={styles.busy}>
      <p>
        <span role="status">{what}…</span> {amount}
      </p>
      <Button look="small" onClick={stopTaking}>
        Cancel
      </Button>
      <Meter fraction={total === null ? null : loaded / total} label={what} />
    </div>
  );
}

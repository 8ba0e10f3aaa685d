import { useEffect, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import {
  startOffline,
  takeUpdate,
  watchForUpdates,
  type Update,
} from '../../workers/clients/offline.ts';
import styles from './update-bar.module.css';

const TOLD: Readonly<Record<Update, string>> = {
  waiting: 'A new version is ready.',
  elsewhere: 'Another tab has gone over to a new version.',
};

/** Says that there is a new build, and leaves the moment to the person: what is open would be lost. */
export function UpdateBar() {
  const [update, setUpdate] = useState<Update | null>(null);
  useEffect(() => {
    // Where no service worker can be registered, there is nothing to watch.
    const watching = startOffline().then(() => watchForUpdates(setUpdate));
    watching.catch(() => undefined);
  }, []);
  if (update === null) return null;
  return (
    <div role="status" className={styles.bar}>
      <span>{TOLD[update]} The picture and the answers of this tab are gone when it reloads.</span>
      <Button look="small" onClick={() => void takeUpdate()}>
        Reload
      </Button>
      <Button look="small" onClick={() => setUpdate(null)}>
        Later
      </Button>
    </div>
  );
}

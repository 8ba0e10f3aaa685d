import { useMemo } from 'react';
import { laneOf } from '../../core/session/asked.ts';
import { useAsk, type ShownPicture } from '../ask/ask-store.ts';
import { loadPicture } from '../ask/load-picture.ts';
import { exhibitOf, type ExhibitPicture } from './exhibit.ts';
import styles from './replay.module.css';
import { ShareButton } from './share-button.tsx';

/** Of the answer that the page shows; nothing while there is none. */
export function ShareAnswer({ picture }: { readonly picture: ShownPicture }) {
  const asked = useAsk((state) => state.asked);
  const lane = useAsk((state) => laneOf(state.policy));
  const shown = useMemo(() => pictureOf(picture), [picture]);
  const exhibit = useMemo(() => exhibitOf(asked, lane, shown), [asked, lane, shown]);
  if (!exhibit) return null;
  return (
    <div className={styles.actions}>
      <ShareButton exhibit={exhibit} />
    </div>
  );
}

function pictureOf({ name, sample, info, glance, url }: ShownPicture): ExhibitPicture {
  return {
    name: sample === null ? name : null,
    sample,
    info,
    drawable: async () => glance ?? (await loadPicture(url).catch(() => null)),
  };
}

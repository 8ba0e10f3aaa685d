import { bytes } from '../../ui/format.ts';
import type { ModelOffer } from '../backend/offer.ts';
import { CheckPart } from './check-part.tsx';
import { LoadingPart } from './loading-part.tsx';
import styles from './panel.module.css';

/** A model that is read from a folder of this computer; it is in use, or it would not be here. */
export function FolderCard({ offer }: { readonly offer: ModelOffer }) {
  return (
    <li className={styles.card} aria-label={offer.profile.name} data-used>
      <div className={styles.title}>
        <h4>{offer.profile.name}</h4>
        <span className={styles.badge}>In use</span>
      </div>
      <p>From a folder of this computer, {bytes(offer.bytes)}.</p>
      <LoadingPart />
      <CheckPart stored={null} isInUse />
    </li>
  );
}

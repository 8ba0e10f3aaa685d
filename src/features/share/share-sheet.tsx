import { Sheet } from '../../ui/sheet.tsx';
import type { Exhibit } from './exhibit.ts';
import { ShareCard } from './share-card.tsx';
import { ShareFile } from './share-file.tsx';
import { ShareLink } from './share-link.tsx';

interface Props {
  readonly exhibit: Exhibit;
  readonly onClose: () => void;
}

/** A link, a card, a file: made on this device, and sent by the person alone. */
export function ShareSheet({ exhibit, onClose }: Props) {
  return (
    <Sheet title="Share this answer" onClose={onClose}>
      <p>Nothing is uploaded: what you copy or save here is all there is.</p>
      <ShareLink exhibit={exhibit} />
      <ShareCard exhibit={exhibit} />
      <ShareFile exhibit={exhibit} />
    </Sheet>
  );
}

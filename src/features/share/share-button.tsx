import { useState } from 'react';
import { importAgain } from '../../core/again.ts';
import { Button } from '../../ui/button.tsx';
import { later } from '../../ui/later.tsx';
import type { Exhibit } from './exhibit.ts';

// Few answers are shared: its script comes when one is.
const ShareSheet = later(() =>
  importAgain(() => import('./share-sheet.tsx')).then(({ ShareSheet }) => ShareSheet),
);

/** Beside an answer. */
export function ShareButton({ exhibit }: { readonly exhibit: Exhibit }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button look="small" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Share
      </Button>
      {isOpen && <ShareSheet exhibit={exhibit} onClose={() => setOpen(false)} />}
    </>
  );
}

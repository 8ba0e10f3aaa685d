import { importAgain } from '../../core/again.ts';
import { Button } from '../../ui/button.tsx';
import { later } from '../../ui/later.tsx';
import { FailureMessage } from '../../ui/message.tsx';
import { useReplay } from './replay-store.ts';

// Few visits begin with a link: its script comes when they do.
const Replay = later(() => importAgain(() => import('./replay.tsx')).then(({ Replay }) => Replay));

/** What came as a link or as a file, or why it cannot be shown. */
export function Replayed() {
  const { status, from, replayed, error, close } = useReplay();
  if (error) {
    return (
      <FailureMessage error={error}>
        <Button look="small" onClick={close}>
          To the page
        </Button>
      </FailureMessage>
    );
  }
  if (status === 'opening' || !replayed) return <p role="status">Opening the run…</p>;
  return <Replay replayed={replayed} isLink={from === 'link'} onClose={close} />;
}

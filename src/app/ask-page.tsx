import { smartResize } from '../core/geometry/resize.ts';
import { useAsk } from '../features/ask/ask-store.ts';
import { History } from '../features/ask/history.tsx';
import { useModel } from '../features/models/model-store.ts';
import { openSample } from '../features/ask/open-sample.ts';
import { Untold } from '../features/models/untold.tsx';
import { Start } from '../features/ask/start.tsx';
import { useLookAhead } from '../features/ask/use-look-ahead.ts';
import type { Brought } from '../features/ask/intake/brought.ts';
import { BusyLine } from '../features/ask/intake/busy-line.tsx';
import { Offered } from '../features/ask/intake/offered.tsx';
import { take } from '../features/ask/intake/take.ts';
import { useHandedOver } from '../features/ask/intake/use-handed-over.ts';
import { useIntake } from '../features/ask/intake/use-intake.ts';
import { useLink } from '../features/ask/intake/use-link.ts';
import { Workbench } from '../features/ask/workbench.tsx';
import { Account } from '../features/compare/account.tsx';
import { ShareAnswer } from '../features/share/share-answer.tsx';
import { Replayed } from '../features/share/replayed.tsx';
import { useLinkedRun } from '../features/share/use-linked-run.ts';

const onBrought = (brought: Brought): void => void take(brought);

/** A picture comes in, a question is asked, and what that cost is shown beside the baseline. */
export function AskPage() {
  const picture = useAsk((state) => state.picture);
  const error = useAsk((state) => state.pictureError);
  const isOver = useIntake(onBrought);
  useHandedOver();
  useLink();
  useLookAhead();
  const isReplayed = useLinkedRun();
  const isOpen = useModel((state) => state.offer !== null) && picture !== null;

  return (
    <>
      <BusyLine />
      {/* What did not come while something else is there. */}
      {(isOpen || isReplayed) && <Untold error={error} />}
      <Offered />
      {isReplayed ? <Replayed /> : <OwnPicture isOver={isOver} />}
    </>
  );
}

/** The picture in hand, or the ways to one; and what was asked before. */
function OwnPicture({ isOver }: { readonly isOver: boolean }) {
  const picture = useAsk((state) => state.picture);
  const profile = useModel((state) => state.offer?.profile);
  const cap = useAsk((state) => state.budgets.fullResolution);
  return (
    <>
      {picture && profile ? (
        <>
          <Workbench
            key={picture.url}
            picture={picture}
            profile={profile}
            share={<ShareAnswer picture={picture} />}
          />
          <Account
            fullTokens={
              smartResize(picture.info, {
                ...profile.image,
                maxTokens: cap ?? profile.budgets.fullResolution,
              }).tokens
            }
          />
        </>
      ) : (
        <Start onSample={(sample) => void openSample(sample)} isOver={isOver} />
      )}
      <History />
    </>
  );
}

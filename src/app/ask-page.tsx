import { smartResize } from '../core/geometry/resize.ts';
import { useAsk } from '../features/ask/ask-store.ts';
import { History } from '../features/ask/history.tsx';
import { useModel } from '../features/models/model-store.ts';
import type { Sample } from '../features/ask/samples.ts';
import { Start } from '../features/ask/start.tsx';
import { useLookAhead } from '../features/ask/use-look-ahead.ts';
import { takeFiles } from '../features/ask/intake/take.ts';
import { useHandedOver } from '../features/ask/intake/use-handed-over.ts';
import { useIntake } from '../features/ask/intake/use-intake.ts';
import { Workbench } from '../features/ask/workbench.tsx';
import { Account } from '../features/compare/account.tsx';

/** A picture comes in, a question is asked, and what that cost is shown beside the baseline. */
export function AskPage() {
  const picture = useAsk((state) => state.picture);
  const show = useAsk((state) => state.show);
  const profile = useModel((state) => state.offer?.profile);
  const cap = useAsk((state) => state.budgets.fullResolution);

  const onSample = ({ picture, title, questions }: Sample): void => {
    // A picture that does not come is an empty file, and told as such.
    const file = fetch(picture).then(
      (response) => response.blob(),
      () => new Blob(),
    );
    void show(file, title, { question: questions[0] ?? '', suggestions: questions });
  };
  const isOver = useIntake(takeFiles);
  useHandedOver();
  useLookAhead();

  return (
    <>
      {picture && profile ? (
        <>
          <Workbench key={picture.url} picture={picture} profile={profile} />
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
        <Start onSample={onSample} isOver={isOver} />
      )}
      <History />
    </>
  );
}

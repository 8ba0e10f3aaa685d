import { useCallback } from 'react';
import { smartResize } from '../core/geometry/resize.ts';
import { useAsk } from '../features/ask/ask-store.ts';
import { History } from '../features/ask/history.tsx';
import { useModel } from '../features/ask/model-store.ts';
import type { Sample } from '../features/ask/samples.ts';
import { Start } from '../features/ask/start.tsx';
import { useIntake } from '../features/ask/use-intake.ts';
import { Workbench } from '../features/ask/workbench.tsx';
import { Account } from '../features/compare/account.tsx';

interface Props {
  /** Where the picture came from, if it is one of the gallery. */
  readonly sample: Sample | null;
  /** Must be stable. */
  readonly onSample: (sample: Sample | null) => void;
}

/** A picture comes in, a question is asked, and what that cost is shown beside the baseline. */
export function AskPage({ sample, onSample }: Props) {
  const picture = useAsk((state) => state.picture);
  const show = useAsk((state) => state.show);
  const profile = useModel((state) => state.offer?.profile);
  const cap = useAsk((state) => state.budgets.fullResolution);

  const onPick = useCallback(
    (file: File) => {
      onSample(null);
      void show(file, file.name);
    },
    [onSample, show],
  );
  const onChoose = useCallback(
    async (chosen: Sample) => {
      onSample(chosen);
      // A picture that does not come is an empty file, and told as such.
      const file = await fetch(chosen.picture).then(
        (response) => response.blob(),
        () => new Blob(),
      );
      await show(file, chosen.title, chosen.questions[0] ?? '');
    },
    [onSample, show],
  );
  const isOver = useIntake(onPick);

  return (
    <>
      {picture && profile ? (
        <>
          <Workbench
            key={picture.url}
            picture={picture}
            profile={profile}
            suggestions={sample?.questions ?? []}
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
        <Start onPick={onPick} onSample={(chosen) => void onChoose(chosen)} isOver={isOver} />
      )}
      <History />
    </>
  );
}

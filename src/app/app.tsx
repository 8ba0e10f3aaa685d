import { useCallback, useEffect, useState } from 'react';
import { smartResize } from '../core/geometry/resize.ts';
import { useAsk } from '../features/ask/ask-store.ts';
import { History } from '../features/ask/history.tsx';
import { useModel } from '../features/ask/model-store.ts';
import { ModelStatus } from '../features/ask/model-status.tsx';
import type { Sample } from '../features/ask/samples.ts';
import { Start } from '../features/ask/start.tsx';
import { useIntake } from '../features/ask/use-intake.ts';
import { Workbench } from '../features/ask/workbench.tsx';
import { Account } from '../features/compare/account.tsx';
import { Button } from '../ui/button.tsx';
import '../ui/theme.css';
import styles from './app.module.css';

export function App() {
  const picture = useAsk((state) => state.picture);
  const show = useAsk((state) => state.show);
  const leave = useAsk((state) => state.leave);
  const profile = useModel((state) => state.offer?.profile);
  const discover = useModel((state) => state.discover);
  const [sample, setSample] = useState<Sample | null>(null);

  useEffect(() => void discover(), [discover]);

  const onPick = useCallback(
    (file: File) => {
      setSample(null);
      void show(file, file.name);
    },
    [show],
  );
  const onSample = useCallback(
    async (chosen: Sample) => {
      setSample(chosen);
      // A picture that does not come is an empty file, and told as such.
      const file = await fetch(chosen.picture).then(
        (response) => response.blob(),
        () => new Blob(),
      );
      await show(file, chosen.title, chosen.questions[0] ?? '');
    },
    [show],
  );
  const isOver = useIntake(onPick);

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1>ergo-web</h1>
        {picture && (
          <Button look="small" onClick={leave}>
            Another picture
          </Button>
        )}
      </header>
      <ModelStatus />
      <main className={styles.main}>
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
                  maxTokens: profile.budgets.fullResolution,
                }).tokens
              }
            />
          </>
        ) : (
          <Start onPick={onPick} onSample={(chosen) => void onSample(chosen)} isOver={isOver} />
        )}
        <History />
      </main>
      <footer className={styles.footer}>
        Runs in this tab. Pictures and questions are sent nowhere.
      </footer>
    </div>
  );
}

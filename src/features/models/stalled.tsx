/** What a person waits for and hears nothing of: a slow device may need that long, or it hangs. */
import { useEffect, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { Message } from '../../ui/message.tsx';
import { loadBackend } from '../backend/load-backend.ts';
import type { Stalled as Silence } from '../backend/backend.ts';
import { useModel } from './model-store.ts';

/** Seconds; also the steps in which the silence is counted, each of which is read aloud. */
const STEP = 10;

export function Stalled() {
  // A load has its own progress, and can be cancelled.
  const isWatched = useModel(({ offer, status }) => offer !== null && status !== 'loading');
  const [silence, setSilence] = useState<{ readonly worker: Silence['worker']; steps: number }>();

  useEffect(() => {
    if (!isWatched) return;
    const look = async (): Promise<void> => {
      const { stalled } = await loadBackend();
      const found = stalled();
      const steps = Math.floor((found?.milliseconds ?? 0) / 1000 / STEP);
      const now = found && steps > 0 ? { worker: found.worker, steps } : undefined;
      setSilence((before) => (before?.steps === now?.steps ? before : now));
    };
    const timer = setInterval(() => void look(), 1000);
    return () => {
      clearInterval(timer);
      setSilence(undefined);
    };
  }, [isWatched]);

  if (!silence) return null;
  const { worker, steps } = silence;
  const end = async (): Promise<void> => {
    setSilence(undefined);
    (await loadBackend()).giveUp(worker);
  };
  return (
    <Message kind="notice" title={`No progress for ${steps * STEP} seconds.`}>
      <p>
        A slow device can need that long for one step. If it hangs, end it: the next question starts
        it anew.
      </p>
      <Button look="small" onClick={() => void end()}>
        End it
      </Button>
    </Message>
  );
}

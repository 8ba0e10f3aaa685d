import { useEffect, useMemo, useState } from 'react';
import { foldRun, type RunState } from '../../core/run/fold.ts';
import type { ExhibitRun } from './exhibit.ts';

/** A run that took longer is played faster, milliseconds. */
const LONGEST = 12_000;
/** Milliseconds between two drawings. */
const REFRESH = 60;

export interface Playback {
  readonly state: RunState;
  readonly isPlaying: boolean;
  readonly play: () => void;
  /** Shows the end. */
  readonly stop: () => void;
}

/** The end of a run, or its events one after another in the time that they took. */
export function usePlayback({ events, state: end }: ExhibitRun): Playback {
  /** Milliseconds of the run that have been shown; null: all of it. */
  const [shown, setShown] = useState<number | null>(null);
  // What was done ahead of the question is not waited for.
  const start = events.find(({ type }) => type === 'stage-started')?.at ?? 0;
  const length = end.elapsed - start;
  const isPlaying = shown !== null;
  useEffect(() => {
    if (!isPlaying) return;
    const began = performance.now();
    const pace = Math.max(1, length / LONGEST);
    const timer = setInterval(() => {
      const passed = (performance.now() - began) * pace;
      setShown(passed < length ? passed : null);
    }, REFRESH);
    return () => clearInterval(timer);
  }, [isPlaying, length]);
  const state = useMemo(() => {
    if (shown === null) return end;
    const next = events.findIndex(({ at }) => at > start + shown);
    return foldRun(events.slice(0, Math.max(1, next)));
  }, [events, end, start, shown]);
  return { state, isPlaying, play: () => setShown(0), stop: () => setShown(null) };
}

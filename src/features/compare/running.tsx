import { useEffect, useState } from 'react';
import type { RunState } from '../../core/run/fold.ts';
import { Button } from '../../ui/button.tsx';
import { count } from '../../ui/format.ts';
import { phaseOf } from '../ask/phase.ts';
import styles from './account.module.css';

interface Props {
  readonly run: RunState;
  readonly tokens: number;
  readonly onStop: () => void;
}

/** A run that can take minutes: what it is at, for how long already, and a way out. */
export function Running({ run, tokens, onStop }: Props) {
  const seconds = useSeconds();
  const stage = run.status === 'running' ? run.stages.at(-1) : undefined;
  const phase = stage ? phaseOf(stage) : 'Getting ready';
  return (
    <>
      <p className={styles.soft} role="status">
        {phase}, {count(tokens)} vision tokens…
      </p>
      <Button look="small" onClick={onStop}>
        Stop after {seconds} s
      </Button>
    </>
  );
}

/** Since the component is there. The run's own clock stands still between two events. */
function useSeconds(): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return seconds;
}

import { Button } from '../../ui/button.tsx';
import { count } from '../../ui/format.ts';
import { Meter } from '../../ui/meter.tsx';
import { useModel } from '../models/model-store.ts';
import { useBench, type Current } from './bench-store.ts';
import styles from './benchmark.module.css';
import { inWords, timeLeft } from './forecast.ts';
import { namesOf, type Plan } from './settings.ts';
import { labelOf } from './summary-table.tsx';

interface Props {
  readonly plan: Plan;
}

/** How far it is, what is being asked, and the way to halt it. */
export function Progress({ plan }: Props) {
  const { status, current, runs, spent, start, pause, stop, forget } = useBench();
  const model = useModel((state) => state.status);
  const { items, settings } = plan;
  const names = namesOf(settings);
  const all = items.length * names.length;
  const isDone = runs.length === all;
  const finished = items.filter(
    ({ id }) => runs.filter((run) => run.id === id).length === names.length,
  ).length;
  const left = status === 'running' ? timeLeft(plan, runs, spent) : null;
  return (
    <section aria-label="Progress" className={styles.card}>
      <div className={styles.row}>
        {status === 'running' ? (
          <>
            <Button look="main" onClick={pause}>
              Pause
            </Button>
            <Button onClick={stop}>Stop</Button>
          </>
        ) : (
          <>
            {!isDone && (
              <Button look="main" onClick={() => void start()}>
                {runs.length > 0 ? 'Resume' : 'Start'}
              </Button>
            )}
            {status === 'paused' && <Button onClick={stop}>Stop</Button>}
            {runs.length > 0 && status === 'idle' && (
              <Button onClick={() => void forget()}>Start over</Button>
            )}
          </>
        )}
        <p data-testid="progress">
          {count(finished)} of {count(items.length)} questions
          <span className={styles.soft}>
            , {count(runs.length)} of {count(all)} runs
            {left !== null && `, about ${inWords(left)} left`}
            {status === 'paused' && ', paused'}
            {isDone && ', done'}
          </span>
        </p>
      </div>
      <Meter fraction={runs.length / all} label="Runs done" />
      {status === 'running' && (
        <p className={styles.current}>
          {current && model !== 'loading' ? describe(current) : 'Waiting for the model…'}
        </p>
      )}
    </section>
  );
}

function describe({ item, policy, isWarmUp }: Current) {
  const label = labelOf(policy);
  return (
    <>
      <span className={styles.soft}>
        {isWarmUp ? `Warming up, ${label}` : `${label}, question ${item.id}`}
      </span>{' '}
      {item.text.split('\n')[0]}
    </>
  );
}

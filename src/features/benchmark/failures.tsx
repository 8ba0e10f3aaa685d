import type { BenchRun } from '../../core/bench/score.ts';
import { nextStep } from '../../core/errors.ts';
import styles from './benchmark.module.css';
import { labelOf } from './summary-table.tsx';

interface Props {
  readonly runs: readonly BenchRun[];
}

/** Runs without an answer; they are among the wrong ones. */
export function Failures({ runs }: Props) {
  const failed = runs.filter(({ error }) => error !== null);
  if (failed.length === 0) return null;
  return (
    <details className={styles.failures} open={failed.length <= 5}>
      <summary>Failed, counted as wrong: {failed.length}</summary>
      <ul>
        {failed.map(({ id, policy, error }) => (
          <li key={`${id} ${policy}`}>
            <b>
              Question {id}, {labelOf(policy)}
            </b>{' '}
            {error?.message} <span className={styles.soft}>{error && nextStep(error.code)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

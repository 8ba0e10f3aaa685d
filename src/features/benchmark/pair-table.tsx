import { useMemo } from 'react';
import { pairsOf } from '../../core/bench/pairs.ts';
import type { BenchRun } from '../../core/bench/score.ts';
import { times } from '../../ui/format.ts';
import styles from './benchmark.module.css';
import { Scroll } from './scroll.tsx';
import { known, labelOf, percent, UNBROKEN } from './summary-table.tsx';

interface Props {
  readonly runs: readonly BenchRun[];
  readonly policies: readonly string[];
}

/** Two policies on the questions that both were asked. */
export function PairTable({ runs, policies }: Props) {
  const pairs = useMemo(() => Object.entries(pairsOf(runs, policies)), [runs, policies]);
  return (
    <Scroll label="Pairs">
      <table className={styles.table}>
        <caption className={styles.soft}>
          The first against the second, on the questions that both were asked.
        </caption>
        <thead>
          <tr>
            <th scope="col">Pair</th>
            <th scope="col">Questions</th>
            <th scope="col">Faster, median</th>
            <th scope="col">Tokens</th>
            <th scope="col">Right, difference</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map(([name, pair]) => (
            <tr key={name}>
              <th scope="row">{name.split('/').map(labelOf).join(' / ')}</th>
              <td>{pair.n}</td>
              <td>{known(pair.medianSpeedup, times)}</td>
              <td>{percent(pair.tokenRatio)}</td>
              <td>{known(pair.accuracyDifference, points)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function points(difference: number): string {
  return `${difference > 0 ? '+' : ''}${(100 * difference).toFixed(1)}${UNBROKEN}points`;
}

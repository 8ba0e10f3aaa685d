import { useMemo } from 'react';
import { accuracyChart } from '../../core/bench/chart.ts';
import { bestCap, pairedNames } from '../../core/bench/contender.ts';
import { timingsWarning } from '../../core/bench/report.ts';
import { summarise } from '../../core/bench/summary.ts';
import { Button } from '../../ui/button.tsx';
import { Message } from '../../ui/message.tsx';
import { saveCsv, saveJson, type Measured } from './bench-report.ts';
import styles from './benchmark.module.css';
import { Failures } from './failures.tsx';
import { PairTable } from './pair-table.tsx';
import { Scroll } from './scroll.tsx';
import { namesOf } from './settings.ts';
import { labelOf, percent, SummaryTable } from './summary-table.tsx';

interface Props {
  readonly measured: Measured;
}

/** What came of it so far. */
export function Results({ measured }: Props) {
  const { runs, plan, device } = measured;
  const policies = useMemo(() => namesOf(plan.settings), [plan]);
  const summary = useMemo(
    () =>
      Object.fromEntries(
        policies.map((name) => [name, summarise(runs.filter(({ policy }) => policy === name))]),
      ),
    [policies, runs],
  );
  const best = bestCap(summary);
  const chart = useMemo(
    () => `data:image/svg+xml,${encodeURIComponent(accuracyChart(summary))}`,
    [summary],
  );
  const points = Object.entries(summary).map(
    ([name, { accuracy, visionTokensMean }]) =>
      `${name} ${percent(accuracy)} at ${Math.round(visionTokensMean ?? 0)} tokens`,
  );
  const warning = timingsWarning(device.report);
  return (
    <section aria-labelledby="results" className={styles.results}>
      <h3 id="results">Results</h3>
      {warning !== null && <Message kind="notice" title={warning} />}
      <SummaryTable summary={summary} />
      <figure className={styles.chart}>
        <Scroll label="Plot">
          <img
            src={chart}
            width={640}
            height={360}
            alt={`Accuracy over vision tokens: ${points.join('; ')}`}
          />
        </Scroll>
        <figcaption className={styles.soft}>Up and to the left is better.</figcaption>
      </figure>
      {best !== null && (
        <p>
          Best cap of one look: <strong>{labelOf(best)}</strong>,{' '}
          {percent(summary[best]?.accuracy ?? null)} right.
        </p>
      )}
      {policies.length > 1 && <PairTable runs={runs} policies={pairedNames(policies, best)} />}
      <Failures runs={runs} />
      <div className={styles.row}>
        <Button onClick={() => void saveJson(measured)}>Save report.json</Button>
        <Button onClick={() => saveCsv(measured)}>Save report.csv</Button>
      </div>
    </section>
  );
}

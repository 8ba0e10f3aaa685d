import type { MemoryReport } from '../../core/contracts/model.ts';
import { fromWire, type WireError } from '../../core/errors.ts';
import type { RunState } from '../../core/run/fold.ts';
import { bytes, count, duration, said } from '../../ui/format.ts';
import { FailureMessage } from '../../ui/message.tsx';
import { Timeline } from '../../ui/timeline.tsx';
import { TokenGrid } from '../../ui/token-grid.tsx';
import styles from './account.module.css';
import { Sureness } from '../ask/sureness.tsx';
import { gridsOf, spansOf, sumOf, tokensOf } from './lane-report.ts';

interface Props {
  readonly title: string;
  readonly run: RunState;
  /** Its failure is told elsewhere on the page. */
  readonly isTold: boolean;
  readonly memory: MemoryReport | null | undefined;
  /** Vision tokens of the widest bar. */
  readonly mostTokens: number;
  /** Milliseconds of the longest timeline. */
  readonly longest: number;
  readonly children?: React.ReactNode;
}

/** One way of looking: what it answered and what that cost. */
export function Lane({ title, run, isTold, memory, mostTokens, longest, children }: Props) {
  const measures = run.stages.flatMap(({ measure }) => (measure ? [measure] : []));
  const tokens = tokensOf(run);
  const firstToken = run.stages.at(-1)?.firstTokenAt ?? null;
  return (
    <section className={styles.lane} aria-label={title}>
      <h3>{title}</h3>
      {run.answer && <p className={styles.answer}>{said(run.answer.text)}</p>}
      <Sureness run={run} />
      {run.error && <Problem error={run.error} isTold={isTold} />}
      {children}
      <div className={styles.grids}>
        {gridsOf(run.stages).map(({ name, columns, rows, colour }, index) => (
          <TokenGrid
            key={`${name}-${index}`}
            columns={columns}
            rows={rows}
            colour={colour}
            unit={Math.min(8, 420 / Math.sqrt(mostTokens))}
            label={`${name}: ${columns} by ${rows} tokens`}
          />
        ))}
      </div>
      {tokens > 0 && (
        <div className={styles.bar} style={{ width: `${(100 * tokens) / mostTokens}%` }} />
      )}
      {measures.length > 0 && (
        <>
          <dl className={styles.figures}>
            <Figure name="Vision tokens" value={count(tokens)} />
            <Figure name="Prefilled" value={count(sumOf(measures, 'prefilled'))} />
            <Figure name="Reused" value={count(sumOf(measures, 'reused'))} />
            <Figure name="Written" value={count(sumOf(measures, 'generatedTokens'))} />
            <Figure name="First token" value={firstToken === null ? '–' : duration(firstToken)} />
            <Figure name="Total" value={duration(run.elapsed)} />
            {run.started && run.started.aheadMs > 0 && (
              <Figure name="Of it, ahead" value={duration(run.started.aheadMs)} />
            )}
            {memory && <Figure name="Weights" value={bytes(memory.weights)} />}
            {memory && memory.wasmHeap !== null && (
              <Figure name="Heap" value={bytes(memory.wasmHeap)} />
            )}
          </dl>
          <Timeline spans={spansOf(measures)} scale={longest} label={`${title}, time`} />
        </>
      )}
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Problem({ error, isTold }: { error: WireError; isTold: boolean }) {
  if (error.code === 'cancelled') return <p className={styles.soft}>Stopped.</p>;
  if (isTold) return <p className={styles.soft}>It failed.</p>;
  return <FailureMessage error={fromWire(error)} />;
}

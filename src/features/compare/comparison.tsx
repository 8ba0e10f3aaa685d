import type { ReactNode } from 'react';
import type { MemoryReport } from '../../core/contracts/model.ts';
import { IDLE_RUN, type RunState } from '../../core/run/fold.ts';
import type { Lane as Way } from '../../core/session/asked.ts';
import { count, times } from '../../ui/format.ts';
import styles from './account.module.css';
import { tokensOf } from './lane-report.ts';
import { Lane } from './lane.tsx';
import { savingOf } from './saving.ts';

export interface Side {
  readonly state: RunState;
  readonly memory: MemoryReport | null;
}

interface Props {
  /** Of the way of looking that stands beside the baseline. */
  readonly title: string;
  readonly looks: Side | null;
  readonly baseline: Side | null;
  /** Tokens that the baseline needs for this picture under its cap. */
  readonly fullTokens: number;
  /** Whose failure is told elsewhere on the page. */
  readonly told?: Way | undefined;
  /** Below the baseline. */
  readonly children?: ReactNode;
}

/** Two looks and one look at everything, side by side. */
export function Comparison({ title, looks, baseline, fullTokens, told, children }: Props) {
  const fine = looks?.state ?? IDLE_RUN;
  const full = baseline?.state ?? IDLE_RUN;
  const fineTokens = tokensOf(fine);
  const longest = Math.max(fine.elapsed, full.elapsed);
  // What the baseline took counts more than what it would take now.
  const compared = full.status === 'finished' ? tokensOf(full) : fullTokens;
  const mostTokens = Math.max(fullTokens, tokensOf(full), fineTokens);
  const isTimed =
    fine.status === 'finished' && full.status === 'finished' && isSameTask(fine, full);
  return (
    <section aria-labelledby="account" className={styles.account}>
      <h2 id="account">What it cost</h2>
      {fine.status === 'finished' && (
        <p className={styles.ratio} data-testid="ratio">
          <Ratio tokens={fineTokens} compared={compared} />
          {isTimed && full.elapsed > fine.elapsed && (
            <>
              , <strong>{times(full.elapsed / fine.elapsed)}</strong> faster
            </>
          )}
        </p>
      )}
      <div className={styles.lanes}>
        <Lane
          title={title}
          run={fine}
          isTold={told === 'looks'}
          memory={looks?.memory}
          mostTokens={mostTokens}
          longest={longest}
        >
          {fine.status === 'idle' && <p className={styles.soft}>Nothing asked yet.</p>}
        </Lane>
        <Lane
          title="Full resolution"
          run={full}
          isTold={told === 'baseline'}
          memory={baseline?.memory}
          mostTokens={mostTokens}
          longest={longest}
        >
          {full.status === 'idle' && (
            <p className={styles.soft}>
              The whole picture at once would be {count(fullTokens)} vision tokens.
            </p>
          )}
          {full.notices.map(({ code, message }) => (
            <p key={code} className={styles.soft}>
              {message}
            </p>
          ))}
          {children}
        </Lane>
      </div>
    </section>
  );
}

/** @param compared tokens of the baseline */
function Ratio({ tokens, compared }: { tokens: number; compared: number }) {
  const { factor, words } = savingOf(tokens, compared);
  if (factor === null) return <>{words}</>;
  return (
    <>
      <strong>{times(factor)}</strong> {words}
    </>
  );
}

/** Times of different questions or devices say nothing about each other. */
function isSameTask({ started: a }: RunState, { started: b }: RunState): boolean {
  return a?.question === b?.question && a?.device.used === b?.device.used;
}

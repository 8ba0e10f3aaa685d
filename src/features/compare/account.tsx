import { Button } from '../../ui/button.tsx';
import { count, times } from '../../ui/format.ts';
import type { RunState } from '../../core/run/fold.ts';
import { useAsk } from '../ask/ask-store.ts';
import styles from './account.module.css';
import { tokensOf } from './lane-report.ts';
import { Lane } from './lane.tsx';
import { Running } from './running.tsx';

interface Props {
  /** Tokens that the baseline needs for this picture under its cap. */
  readonly fullTokens: number;
}

/** Two looks and one look at everything, side by side. */
export function Account({ fullTokens }: Props) {
  const { runs, running, memory, question, ask, stop } = useAsk();
  const fine = runs['coarse-to-fine'];
  const full = runs['full-resolution'];
  const fineTokens = tokensOf(fine);
  const isDone = fine.status === 'finished' && fineTokens > 0;
  const longest = Math.max(fine.elapsed, full.elapsed);
  // What the baseline took counts more than what it would take now.
  const baseline = full.status === 'finished' ? tokensOf(full) : fullTokens;
  const mostTokens = Math.max(fullTokens, tokensOf(full), fineTokens);
  const isTimed = isDone && full.status === 'finished' && isSameTask(fine, full);
  return (
    <section aria-labelledby="account" className={styles.account}>
      <h2 id="account">What it cost</h2>
      {isDone && (
        <p className={styles.ratio}>
          <strong data-testid="ratio">
            {times(Math.max(baseline, fineTokens) / Math.min(baseline, fineTokens))}
          </strong>{' '}
          {/* Two looks at a small picture cost more than one. */}
          {fineTokens > baseline ? 'more' : 'fewer'} vision tokens
          {isTimed && full.elapsed > fine.elapsed && (
            <>
              , <strong>{times(full.elapsed / fine.elapsed)}</strong> faster
            </>
          )}
        </p>
      )}
      <div className={styles.lanes}>
        <Lane
          title="Two looks"
          run={fine}
          memory={memory['coarse-to-fine']}
          mostTokens={mostTokens}
          longest={longest}
        >
          {fine.status === 'idle' && <p className={styles.soft}>Nothing asked yet.</p>}
        </Lane>
        <Lane
          title="Full resolution"
          run={full}
          memory={memory['full-resolution']}
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
          {running === 'full-resolution' ? (
            <Running run={full} tokens={fullTokens} onStop={stop} />
          ) : (
            <Button
              look="small"
              disabled={running !== null || question.trim() === ''}
              onClick={() => void ask('full-resolution')}
            >
              {full.status === 'idle' ? 'Run it to compare' : 'Run it again'}
            </Button>
          )}
        </Lane>
      </div>
    </section>
  );
}

/** Times of different questions or devices say nothing about each other. */
function isSameTask({ started: a }: RunState, { started: b }: RunState): boolean {
  return a?.question === b?.question && a?.device.used === b?.device.used;
}

import type { StageState } from '../../core/run/fold.ts';
import { count } from '../../ui/format.ts';
import styles from './ask.module.css';
import { phaseOf } from './phase.ts';
import { readWritten } from './thinking.ts';

const TITLES = { coarse: 'First look', crop: 'Second look', full: 'Full resolution' } as const;

interface Props {
  readonly stage: StageState;
  readonly isRunning: boolean;
  /** The coarse stage again, because no region could be used. */
  readonly isFallback: boolean;
}

/** What the model writes in one stage; its thought is folded once it has ended. */
export function StageText({ stage, isRunning, isFallback }: Props) {
  const title = isFallback ? 'Answer without a second look' : TITLES[stage.name];
  const { thinking, isThinking, rest } = readWritten(stage.text);
  const isOpen = isThinking && isRunning;
  return (
    <section className={styles.stage} aria-label={title} aria-busy={isRunning}>
      <h3>
        <span className={styles.dot} data-stage={stage.name} />
        {title}
        {stage.visionTokens > 0 && (
          <span className={styles.soft}> {count(stage.visionTokens)} vision tokens</span>
        )}
      </h3>
      {stage.text === '' && isRunning && <p className={styles.soft}>{phaseOf(stage)}…</p>}
      {thinking !== '' && (
        <details open={isOpen} key={isOpen ? 'open' : 'folded'}>
          <summary>Thought</summary>
          <p className={styles.soft}>{thinking}</p>
        </details>
      )}
      {rest !== '' && (
        <p className={styles.written}>
          {stage.name === 'coarse' && rest.startsWith('[') ? `Looks at ${rest}` : rest}
        </p>
      )}
    </section>
  );
}

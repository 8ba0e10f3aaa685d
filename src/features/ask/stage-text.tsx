import type { StageState } from '../../core/run/fold.ts';
import { count } from '../../ui/format.ts';
import styles from './ask.module.css';
import { phaseOf } from './phase.ts';
import { readWritten } from './thinking.ts';

const TITLES = { coarse: 'First look', crop: 'Second look', full: 'Full resolution' } as const;
const LATER = ['Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth'] as const;

/** @param index of the stage among all of its run */
function titleOf(stages: readonly StageState[], index: number): string {
  const stage = stages[index];
  if (!stage || index === 0) return TITLES[stage?.name ?? 'coarse'];
  if (stage.name === 'coarse') return 'Answer without a second look';
  // Of a search that was told to end.
  const isOver = stage.prefill !== null && stage.views.length === 0;
  if (isOver) return 'Answer without another look';
  return index === 1 ? TITLES[stage.name] : `${LATER[index - 2] ?? 'Further'} look`;
}

/** What the model wrote, stage by stage; `isRunning`: the last one is being written. */
export function StageTexts({
  stages,
  isRunning,
}: {
  stages: readonly StageState[];
  isRunning: boolean;
}) {
  return stages.map((stage, index) => (
    <StageText
      // A stage of one name can come twice.
      key={`${stage.name}-${index}`}
      stage={stage}
      isRunning={isRunning && index === stages.length - 1}
      title={titleOf(stages, index)}
    />
  ));
}

interface Props {
  readonly stage: StageState;
  readonly isRunning: boolean;
  readonly title: string;
}

/** What the model writes in one stage; its thought is folded once it has ended. */
function StageText({ stage, isRunning, title }: Props) {
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

import { Button } from '../../ui/button.tsx';
import { IDLE_RUN } from '../../core/run/fold.ts';
import { laneOf, shownIn } from '../../core/session/asked.ts';
import { useAsk } from '../ask/ask-store.ts';
import { Comparison } from './comparison.tsx';
import { titleOf } from './lane-report.ts';
import { Running } from './running.tsx';

interface Props {
  /** Tokens that the baseline needs for this picture under its cap. */
  readonly fullTokens: number;
}

/** What was asked, beside the baseline, which can be run to compare. */
export function Account({ fullTokens }: Props) {
  const { asked, question, policy, ask, stop } = useAsk();
  // Beside the question.
  const told = laneOf(policy);
  const looks = shownIn(asked, 'looks');
  const baseline = shownIn(asked, 'baseline');
  const full = baseline?.state ?? IDLE_RUN;
  return (
    <Comparison
      title={titleOf(looks?.policy ?? policy)}
      looks={looks}
      baseline={baseline}
      fullTokens={fullTokens}
      told={told}
    >
      {asked.running === 'baseline' ? (
        <Running run={full} tokens={fullTokens} onStop={stop} />
      ) : (
        <Button
          look="small"
          disabled={asked.running !== null || question.trim() === ''}
          onClick={() => void ask('full-resolution')}
        >
          {full.status === 'idle' ? 'Run it to compare' : 'Run it again'}
        </Button>
      )}
    </Comparison>
  );
}

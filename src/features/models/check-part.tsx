import { Button } from '../../ui/button.tsx';
import { duration } from '../../ui/format.ts';
import { Untold } from './untold.tsx';
import type { CheckResult } from '../../core/check/check.ts';
import { readCheck } from './check-note.ts';
import { checkName, useChecks } from './checks.ts';
import { useModel } from './model-store.ts';
import { NineBoxes } from './nine-boxes.tsx';
import styles from './panel.module.css';
import type { StoredModel } from '../../models/store/library.ts';

interface Props {
  /** Where the result of an earlier visit is kept. */
  readonly stored: StoredModel | null;
  readonly isInUse: boolean;
}

/** Nine dark pictures with one bright square each: does the model see where it is? */
export function CheckPart({ stored, isInUse }: Props) {
  const { offer, status } = useModel();
  const { checks, check, stop } = useChecks();
  const state = isInUse && offer ? checks[checkName(offer)] : undefined;
  const report = state?.status === 'done' ? state.report : readCheck(stored);
  const canCheck = isInUse && status === 'ready' && state?.status !== 'running';
  if (!report && !state && !canCheck) return null;
  return (
    <div className={styles.check}>
      {state?.status === 'running' && (
        <>
          <NineBoxes looks={state.looks} />
          <div>
            <p role="status">Checking where it looks, {state.looks.length} of 9…</p>
            <Button look="small" onClick={stop}>
              Stop the check
            </Button>
          </div>
        </>
      )}
      {state?.status !== 'running' && report && <Report report={report} />}
      {state?.status === 'failed' && <Untold error={state.error} />}
      {canCheck && (
        <Button look="small" onClick={check}>
          {report ? 'Check again' : 'Check this model'}
        </Button>
      )}
    </div>
  );
}

function Report({ report }: { readonly report: CheckResult }) {
  const { boxes, meanIou, millisecondsPerLook, sees } = report;
  return (
    <>
      <NineBoxes looks={boxes} />
      <p data-testid="check">
        {sees
          ? 'It sees where things are: '
          : 'It does not see where things are, so do not rely on it here: '}
        mean overlap {meanIou.toFixed(2)} of 1, {duration(millisecondsPerLook)} per look.
      </p>
    </>
  );
}

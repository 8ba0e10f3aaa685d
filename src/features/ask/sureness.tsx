import type { RunState } from '../../core/run/fold.ts';
import styles from './ask.module.css';

/** How sure the model was of its answer, and what that number is worth. */
export function Sureness({ run }: { readonly run: RunState }) {
  const confidence = run.answer?.confidence;
  if (!confidence) return null;
  const percent = `${Math.round(100 * confidence.value)} %`;
  // What was measured on its own kind of pictures says nothing about others.
  const isOutside = run.notices.some(({ code }) => code === 'outside-world');
  return (
    <p className={styles.soft} data-testid="sureness">
      {confidence.calibrated && !isOutside
        ? `Sure to ${percent}: so often it is right where it is this sure.`
        : `Sure to ${percent} by its own account; how often it is right then is not known.`}
    </p>
  );
}

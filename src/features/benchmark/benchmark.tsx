import { useEffect, useMemo } from 'react';
import { Message } from '../../ui/message.tsx';
import { Untold } from '../models/untold.tsx';
import { useModel } from '../models/model-store.ts';
import { useBench } from './bench-store.ts';
import styles from './benchmark.module.css';
import { DatasetPicker } from './dataset-picker.tsx';
import { Progress } from './progress.tsx';
import { Results } from './results.tsx';
import { SettingsForm } from './settings-form.tsx';

/** The claim as a number of this very device: policies side by side on the same questions. */
export function Benchmark() {
  const { dataset, plan, runs, device, error, isKept, restore, pause } = useBench();
  const offer = useModel((state) => state.offer);

  useEffect(() => void restore(), [restore]);
  // What is asked on another page would be measured as well.
  useEffect(() => pause, [pause]);

  const measured = useMemo(
    () =>
      dataset && plan && offer && device && runs.length > 0
        ? { dataset, plan, offer, device, runs }
        : null,
    [dataset, plan, offer, device, runs],
  );
  return (
    <div className={styles.page}>
      <div className={styles.lead}>
        <h2>Benchmark</h2>
        <p className={styles.soft}>
          The same questions through several ways of looking, in this tab and on this device. Every
          second question takes them in reverse order; a run that fails counts as wrong.
        </p>
      </div>
      <DatasetPicker />
      {dataset && <SettingsForm items={dataset.items.length} />}
      {plan && <Progress plan={plan} />}
      {!isKept && (
        <Message
          kind="notice"
          title="This browser stores nothing for this page: a reload would start anew."
        />
      )}
      <Untold error={error} />
      {measured && <Results measured={measured} />}
    </div>
  );
}

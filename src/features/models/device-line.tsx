import { useQuery } from '@tanstack/react-query';
import { bytes } from '../../ui/format.ts';
import styles from './panel.module.css';
import { gpuAdapter, storageRoom } from './queries.ts';
import { memoryBytes } from './room.ts';

/** What this device offers to a model, as far as the browser tells. */
export function DeviceLine() {
  const { data: adapter } = useQuery(gpuAdapter);
  const { data: room } = useQuery(storageRoom);
  const memory = memoryBytes();
  return (
    <section aria-label="This device" className={styles.device}>
      <dl>
        <div>
          <dt>GPU</dt>
          <dd>{adapter === undefined ? '…' : (adapter?.name ?? 'none that a page can use')}</dd>
        </div>
        {adapter && (
          <>
            <div>
              <dt>Half precision</dt>
              <dd>{adapter.halfPrecision ? 'yes' : 'no'}</dd>
            </div>
            <div>
              <dt>Largest buffer</dt>
              <dd>{bytes(adapter.maxBufferBytes)}</dd>
            </div>
          </>
        )}
        <div>
          <dt>Processor</dt>
          <dd>{navigator.hardwareConcurrency} threads</dd>
        </div>
        <div>
          <dt>Memory</dt>
          <dd>{memory === null ? 'not told' : `${Math.round(memory / 1e9)} GB or more`}</dd>
        </div>
        <div>
          <dt>Free storage</dt>
          <dd>{room === undefined ? '…' : room ? bytes(room.freeBytes) : 'not told'}</dd>
        </div>
      </dl>
      {adapter?.isSoftware && (
        <p>This GPU is emulated in software; “automatic” takes the processor instead.</p>
      )}
    </section>
  );
}

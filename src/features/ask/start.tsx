import { Untold } from '../models/untold.tsx';
import { useAsk } from './ask-store.ts';
import { AddressForm } from './intake/address-form.tsx';
import { Gallery } from './gallery.tsx';
import { PickButtons } from './pick-buttons.tsx';
import type { Sample } from './samples.ts';
import styles from './start.module.css';

interface Props {
  readonly onSample: (sample: Sample) => void;
  readonly isOver: boolean;
}

/** Before there is a picture. */
export function Start({ onSample, isOver }: Props) {
  const error = useAsk((state) => state.pictureError);
  const isOpening = useAsk((state) => state.opening !== null);
  return (
    <>
      <section className={`${styles.drop} ${isOver ? styles.over : ''}`} aria-busy={isOpening}>
        <h2 className={styles.lead}>Ask about a small thing in a large picture.</h2>
        <p>
          The model looks at all of it small, decides where to look, and looks there again in full
          detail. Your picture never leaves this device.
        </p>
        <PickButtons />
        <p className={styles.hint}>
          {isOpening ? 'Opening the picture…' : 'or drop it here, or paste it'}
        </p>
        <AddressForm />
        <Untold error={error} />
      </section>
      <Gallery onChoose={onSample} />
    </>
  );
}

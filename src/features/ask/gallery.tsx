import { useEffect, useState } from 'react';
import { loadSamples, type Sample } from './samples.ts';
import styles from './start.module.css';

interface Props {
  readonly onChoose: (sample: Sample) => void;
}

/** The shipped pictures, each with questions that are worth a second look. */
export function Gallery({ onChoose }: Props) {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    // Without samples the page works all the same.
    loadSamples().then(setSamples, () => setSamples([]));
  }, []);
  if (samples.length === 0) return null;
  return (
    <section aria-labelledby="gallery" className={styles.gallery}>
      <h2 id="gallery">Or start with one of these</h2>
      <ul className={styles.cards}>
        {samples.map((sample) => (
          <li key={sample.id}>
            <button type="button" className={styles.card} onClick={() => onChoose(sample)}>
              <img src={sample.thumbnail} alt="" loading="lazy" decoding="async" />
              <span className={styles.title}>{sample.title}</span>
              <span className={styles.size}>
                {sample.width} × {sample.height}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

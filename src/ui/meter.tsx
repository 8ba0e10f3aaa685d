import styles from './meter.module.css';

interface Props {
  /** 0 to 1; null while nobody knows. */
  readonly fraction: number | null;
  readonly label: string;
}

export function Meter({ fraction, label }: Props) {
  const percent = fraction === null ? undefined : Math.round(fraction * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      className={`${styles.track} ${fraction === null ? styles.waiting : ''}`}
    >
      <div className={styles.bar} style={{ width: `${percent ?? 30}%` }} />
    </div>
  );
}

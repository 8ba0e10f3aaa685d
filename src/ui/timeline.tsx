import { duration } from './format.ts';
import styles from './timeline.module.css';

export interface Span {
  readonly name: string;
  readonly milliseconds: number;
  readonly colour: string;
}

interface Props {
  readonly spans: readonly Span[];
  /** Milliseconds of the whole width. */
  readonly scale: number;
  readonly label: string;
}

/** Spans one after another, to scale. */
export function Timeline({ spans, scale, label }: Props) {
  const told = spans
    .map(({ name, milliseconds }) => `${name} ${duration(milliseconds)}`)
    .join(', ');
  return (
    <div role="img" aria-label={`${label}: ${told}`} className={styles.line}>
      {spans.map(({ name, milliseconds, colour }, index) => (
        <div
          // A stage of one name can come twice.
          key={`${name}-${index}`}
          title={`${name}: ${duration(milliseconds)}`}
          style={{ width: `${(100 * milliseconds) / Math.max(scale, 1)}%`, background: colour }}
        />
      ))}
    </div>
  );
}

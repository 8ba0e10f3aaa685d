import { useId } from 'react';

interface Props {
  readonly columns: number;
  readonly rows: number;
  readonly colour: string;
  /** Pixels per token on the screen; the same for every grid that is compared. */
  readonly unit: number;
  readonly label: string;
}

/** One square per vision token. A pattern, because a large picture has 16 384 of them. */
export function TokenGrid({ columns, rows, colour, unit, label }: Props) {
  const id = useId();
  const width = columns * unit;
  const height = rows * unit;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      style={{ maxWidth: '100%' }}
    >
      <pattern id={id} width={unit} height={unit} patternUnits="userSpaceOnUse">
        <rect width={unit * 0.82} height={unit * 0.82} fill={colour} />
      </pattern>
      <rect width={width} height={height} fill={`url(#${id})`} />
    </svg>
  );
}

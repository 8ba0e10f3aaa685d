import type { Box, Size } from '../../core/geometry/size.ts';
import styles from './lens.module.css';
import { placeOf } from './lens-region.tsx';

interface Props {
  readonly boxes: readonly Box[];
  /** What the boxes are measured in. */
  readonly picture: Size;
  /** Of one box, to begin its words. */
  readonly word: string;
  /** One box alone can lie in a shade instead, without a number. */
  readonly isShaded?: boolean;
}

/** Where the model looked, numbered. */
export function LensFrames({ boxes, picture, word, isShaded = false }: Props) {
  return boxes.map((box, index) => (
    <div
      // A place can be looked at twice.
      key={`${index} ${box.x} ${box.y}`}
      className={isShaded ? styles.region : styles.frame}
      style={placeOf(box, picture)}
      role="img"
      aria-label={`${word} ${index + 1}: ${wordsOf(box)}`}
    >
      {boxes.length > 1 && (
        // Beside each other where one look lies in the corner of another.
        <span aria-hidden="true" style={{ left: `${1.5 * index}em` }}>
          {index + 1}
        </span>
      )}
    </div>
  ));
}

/** A box, told to those who do not see it. */
export function wordsOf({ x, y, width, height }: Box): string {
  return `${Math.round(width)} by ${Math.round(height)} pixels at ${Math.round(x)}, ${Math.round(y)}`;
}

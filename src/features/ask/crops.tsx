import type { PictureView } from '../../core/contracts/pictures.ts';
import { BitmapCanvas } from '../../ui/bitmap-canvas.tsx';
import styles from './ask.module.css';

interface Props {
  readonly crops: readonly PictureView[];
  /** Do they belong to several frames in the picture? */
  readonly isNumbered: boolean;
}

/** What was looked at in detail. */
export function Crops({ crops, isNumbered }: Props) {
  if (crops.length === 0) return null;
  return (
    <div className={styles.crops}>
      {crops.map((crop, index) => (
        <Crop key={crop.patches.id} crop={crop} number={isNumbered ? index + 1 : null} />
      ))}
    </div>
  );
}

/** @param number of its frame in the picture, if there are several */
function Crop({ crop, number }: { crop: PictureView; number: number | null }) {
  if (!crop.preview) return null;
  const name = number === null ? 'The region' : `Region ${number}`;
  return (
    <figure className={styles.crop}>
      <BitmapCanvas bitmap={crop.preview} label={`${name}, as the model sees it`} />
      <figcaption className={styles.soft}>
        {number !== null && `${number}: `}
        {crop.source.width} × {crop.source.height} pixels of the original
      </figcaption>
    </figure>
  );
}

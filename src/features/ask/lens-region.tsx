import type { KeyboardEvent, PointerEvent } from 'react';
import type { Box, Size } from '../../core/geometry/size.ts';
import { followDrag } from './drag.ts';
import styles from './lens.module.css';
import { moveBy, resizeBy, type Corner } from './region-edit.ts';

interface Props {
  readonly region: Box<'coarse'>;
  readonly limits: { readonly picture: Size; readonly minSide: number };
  readonly isLive: boolean;
  readonly onChange: (region: Box<'coarse'>) => void;
}

const CORNERS: readonly Corner[] = ['nw', 'ne', 'sw', 'se'];

/** Pixels of the coarse picture per key press. */
const STEP = 7;

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** Where a box lies on the sheet. */
export function placeOf(box: Box, picture: Size) {
  return {
    left: `${(100 * box.x) / picture.width}%`,
    top: `${(100 * box.y) / picture.height}%`,
    width: `${(100 * box.width) / picture.width}%`,
    height: `${(100 * box.height) / picture.height}%`,
  };
}

/** Moved by its inside, resized by its corners; arrow keys do both. */
export function LensRegion({ region, limits, isLive, onChange }: Props) {
  const { picture } = limits;
  const place = placeOf(region, picture);
  if (isLive) return <div className={`${styles.region} ${styles.live}`} style={place} />;

  const onKey = (event: KeyboardEvent): void => {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    onChange(
      event.shiftKey
        ? resizeBy(region, 'se', step[0], step[1], limits)
        : moveBy(region, step[0], step[1], limits),
    );
  };

  /** Every move counts from where the drag began, so that nothing is lost at the borders. */
  const drag =
    (change: (dx: number, dy: number) => Box<'coarse'>) =>
    (event: PointerEvent<HTMLElement>): void => {
      const sheet = event.currentTarget.closest(`.${styles.draw}`)?.getBoundingClientRect();
      if (!sheet) return;
      const { clientX, clientY } = event;
      followDrag(event, (next) =>
        onChange(
          change(
            ((next.clientX - clientX) / sheet.width) * picture.width,
            ((next.clientY - clientY) / sheet.height) * picture.height,
          ),
        ),
      );
    };

  const at = [region.x, region.y, region.width, region.height].map(Math.round);
  return (
    <div className={styles.region} style={place}>
      <button
        type="button"
        className={styles.move}
        aria-label={`Region at ${at[0]}, ${at[1]}, ${at[2]} by ${at[3]} pixels. Arrow keys move it, with Shift they resize it.`}
        onKeyDown={onKey}
        onPointerDown={drag((dx, dy) => moveBy(region, dx, dy, limits))}
      />
      {CORNERS.map((corner) => (
        <span
          key={corner}
          aria-hidden="true"
          className={`${styles.corner} ${styles[corner]}`}
          onPointerDown={drag((dx, dy) => resizeBy(region, corner, dx, dy, limits))}
        />
      ))}
    </div>
  );
}

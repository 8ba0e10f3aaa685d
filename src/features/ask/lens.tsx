import { useState, type PointerEvent } from 'react';
import type { PictureView } from '../../core/contracts/pictures.ts';
import type { ResizedSize } from '../../core/geometry/resize.ts';
import type { Box } from '../../core/geometry/size.ts';
import { BitmapCanvas } from '../../ui/bitmap-canvas.tsx';
import { Button } from '../../ui/button.tsx';
import type { ShownPicture } from './ask-store.ts';
import { followDrag } from './drag.ts';
import { LensFrames, wordsOf } from './lens-frames.tsx';
import { LensRegion, placeOf } from './lens-region.tsx';
import styles from './lens.module.css';
import { drawn, middle } from './region-edit.ts';

interface Props {
  readonly picture: ShownPicture;
  readonly coarse: ResizedSize;
  readonly minSide: number;
  /** What the model saw; null before it looked. */
  readonly view: PictureView | null;
  readonly region: Box<'coarse'> | null;
  /** What the model named, where the region is larger. */
  readonly named: Box<'coarse'> | null;
  /** Looked at one after another; they cannot be moved. */
  readonly path: readonly Box<'coarse'>[];
  /** Being written by the model: it cannot be moved. */
  readonly isLive: boolean;
  readonly onRegion: (region: Box<'coarse'>) => void;
}

const ZOOMS = [1, 1.5, 2, 3, 4, 6, 8] as const;

/** The picture as the model sees it, or as it is; the region on top. */
export function Lens(props: Props) {
  const { picture, coarse, view, region, named, path, isLive, onRegion } = props;
  const [wantsOriginal, setWantsOriginal] = useState(false);
  const [hasGrid, setGrid] = useState(false);
  const [zoom, setZoom] = useState(0);
  const limits = { picture: coarse, minSide: props.minSide };
  const showsOriginal = wantsOriginal || !view?.preview;
  const bitmap = showsOriginal ? picture.glance : view.preview;
  const label = `${picture.name}, ${showsOriginal ? 'original' : 'as the model sees it'}`;

  /** Draws a new region from here; only where a drag does not scroll. */
  const onDraw = (event: PointerEvent<HTMLDivElement>): void => {
    if (isLive || zoom > 0 || event.pointerType === 'touch' || event.target !== event.currentTarget)
      return;
    const bounds = event.currentTarget.getBoundingClientRect();
    const at = ({ clientX, clientY }: { clientX: number; clientY: number }) => ({
      x: ((clientX - bounds.x) / bounds.width) * coarse.width,
      y: ((clientY - bounds.y) / bounds.height) * coarse.height,
    });
    const from = at(event);
    followDrag(event, (next) => onRegion(drawn(from, at(next), limits)));
  };

  return (
    <figure className={styles.lens}>
      <section
        className={styles.window}
        // Scrolls when zoomed, so the keyboard has to reach it.
        aria-label="Picture"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <div
          className={styles.sheet}
          style={{
            width: `${100 * (ZOOMS[zoom] ?? 1)}%`,
            aspectRatio: `${coarse.width} / ${coarse.height}`,
          }}
        >
          {bitmap ? (
            <BitmapCanvas
              bitmap={bitmap}
              label={label}
              className={showsOriginal ? styles.smooth : undefined}
            />
          ) : (
            <img src={picture.url} alt={label} decoding="async" draggable={false} />
          )}
          {hasGrid && (
            <div
              className={styles.grid}
              style={{
                backgroundSize: `${100 / coarse.grid.columns}% ${100 / coarse.grid.rows}%`,
              }}
            />
          )}
          <div className={styles.draw} onPointerDown={onDraw}>
            <LensFrames boxes={path} picture={coarse} word="Look" />
            {region && named && (
              <div
                className={styles.named}
                style={placeOf(named, coarse)}
                role="img"
                aria-label={`The box that the model named: ${wordsOf(named)}`}
              />
            )}
            {region && (
              <LensRegion region={region} limits={limits} isLive={isLive} onChange={onRegion} />
            )}
          </div>
        </div>
      </section>
      <figcaption className={styles.bar}>
        <Button
          look="small"
          aria-pressed={!showsOriginal}
          disabled={!view?.preview}
          onClick={() => setWantsOriginal(!wantsOriginal)}
        >
          As the model sees it
        </Button>
        <Button look="small" aria-pressed={hasGrid} onClick={() => setGrid(!hasGrid)}>
          Tokens
        </Button>
        <Button
          look="small"
          aria-label="Zoom out"
          disabled={zoom === 0}
          onClick={() => setZoom(zoom - 1)}
        >
          −
        </Button>
        <Button
          look="small"
          aria-label="Zoom in"
          disabled={zoom === ZOOMS.length - 1}
          onClick={() => setZoom(zoom + 1)}
        >
          +
        </Button>
        {!region && !isLive && (
          <Button look="small" onClick={() => onRegion(middle(limits))}>
            Draw a region
          </Button>
        )}
        <span className={styles.caption}>
          {showsOriginal
            ? `${picture.info.width} × ${picture.info.height}`
            : `${coarse.width} × ${coarse.height}, ${coarse.tokens} tokens`}
        </span>
      </figcaption>
    </figure>
  );
}

import { useEffect, useRef, useState } from 'react';
import type { RunState } from '../../core/run/fold.ts';
import lens from '../ask/lens.module.css';
import { LensFrames } from '../ask/lens-frames.tsx';
import type { Drawable, ExhibitPicture } from './exhibit.ts';
import styles from './replay.module.css';

interface Props {
  readonly picture: ExhibitPicture;
  readonly run: RunState;
}

/** Pixels of a canvas that is looked at; the original may have a hundred times as many. */
const MOST_SIDE = 1600;

/** The picture, as far as it came along, and where the model looked. */
export function ReplayPicture({ picture, run }: Props) {
  const { info } = picture;
  const drawable = useDrawable(picture);
  const isAlone = run.regions.length === 1;
  return (
    <figure className={lens.lens}>
      <section
        className={lens.window}
        // A long picture scrolls, so the keyboard has to reach it.
        aria-label="Picture"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <div className={lens.sheet} style={{ aspectRatio: `${info.width} / ${info.height}` }}>
          {drawable ? (
            <Still picture={drawable} label={labelOf(picture)} />
          ) : (
            <p className={styles.absent}>
              {drawable === null && 'The picture itself did not come along.'}
            </p>
          )}
          <div className={lens.draw}>
            <LensFrames
              boxes={run.regions.map(({ original }) => original)}
              picture={info}
              word="Region"
              isShaded={isAlone && Boolean(drawable)}
            />
          </div>
        </div>
      </section>
      <figcaption className={lens.bar}>
        <span className={lens.caption}>{captionOf(picture, drawable)}</span>
      </figcaption>
    </figure>
  );
}

/** @returns undefined while it is not known */
function useDrawable(picture: ExhibitPicture): Drawable | null | undefined {
  const [known, setKnown] = useState<{ of: ExhibitPicture; drawable: Drawable | null }>();
  useEffect(() => {
    let isLeft = false;
    const look = async (): Promise<void> => {
      const drawable = await picture.drawable();
      if (!isLeft) setKnown({ of: picture, drawable });
    };
    void look();
    return () => {
      isLeft = true;
    };
  }, [picture]);
  return known?.of === picture ? known.drawable : undefined;
}

function Still({ picture, label }: { picture: Drawable; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const target = canvas.current;
    if (!target || picture.width === 0) return;
    const scale = Math.min(1, MOST_SIDE / Math.max(picture.width, picture.height));
    target.width = Math.round(picture.width * scale);
    target.height = Math.round(picture.height * scale);
    target.getContext('2d')?.drawImage(picture, 0, 0, target.width, target.height);
  }, [picture]);
  return <canvas ref={canvas} role="img" aria-label={label} className={lens.smooth} />;
}

function labelOf({ name }: ExhibitPicture): string {
  return name ?? 'The picture';
}

function captionOf(
  { info, sample }: ExhibitPicture,
  drawable: Drawable | null | undefined,
): string {
  const size = `${info.width} × ${info.height}`;
  if (!drawable || sample !== null) return size;
  return `${size}, shown from a preview of ${drawable.width} × ${drawable.height}`;
}

import { useEffect, useRef } from 'react';

interface Props {
  /** Not closed here: it belongs to whoever made it. */
  readonly bitmap: ImageBitmap;
  readonly label: string;
  readonly className?: string | undefined;
}

/** A bitmap at exactly its own pixels; how large it appears is a matter of CSS. */
export function BitmapCanvas({ bitmap, label, className }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const target = canvas.current;
    // A closed bitmap measures 0 x 0.
    if (!target || bitmap.width === 0) return;
    target.width = bitmap.width;
    target.height = bitmap.height;
    target.getContext('2d')?.drawImage(bitmap, 0, 0);
  }, [bitmap]);
  return <canvas ref={canvas} role="img" aria-label={label} className={className} />;
}

/** Pixels for the eye: several runs may show the same ones, and somebody has to close them. */
import type { RunState } from '../run/fold.ts';

export interface Previews {
  add(bitmap: ImageBitmap | null): void;
  /** Closes all but those that can still be seen. */
  keepOnly(seen: Iterable<ImageBitmap>): void;
}

export function createPreviews(): Previews {
  const open = new Set<ImageBitmap>();
  return {
    add(bitmap) {
      if (bitmap) open.add(bitmap);
    },
    keepOnly(seen) {
      const kept = new Set(seen);
      for (const bitmap of open) {
        if (kept.has(bitmap)) continue;
        bitmap.close();
        open.delete(bitmap);
      }
    },
  };
}

export function previewsOf({ stages }: RunState): ImageBitmap[] {
  return stages.flatMap(({ views }) => views.flatMap(({ preview }) => preview ?? []));
}

/** From a link or a file to something that can be drawn. Loaded only when one comes. */
import { ErgoError } from '../../core/errors.ts';
import type { RunEvent } from '../../core/run/events.ts';
import { foldRun } from '../../core/run/fold.ts';
import { decodeRun } from '../../core/share/link.ts';
import { readSavedRun } from '../../core/share/read.ts';
import {
  laneOfSaved,
  startOf,
  stillsOf,
  withPreviews,
  type SavedRun,
} from '../../core/share/saved-run.ts';
import { blobOf, type Still } from '../../core/share/still.ts';
import { loadPicture } from '../ask/load-picture.ts';
import { loadSamples, type Sample } from '../ask/samples.ts';
import type { Drawable, ExhibitRun } from './exhibit.ts';
import type { Replayed } from './replay-store.ts';

/** @throws ErgoError `run-unreadable` */
export async function openEncoded(encoded: string): Promise<Replayed> {
  return opened(await decodeRun(encoded));
}

/** @throws ErgoError `run-unreadable`, `file-unreadable` */
export async function openSaved(file: Blob): Promise<Replayed> {
  return opened(await readSavedRun(file));
}

async function opened(saved: SavedRun): Promise<Replayed> {
  const bitmaps = new Map<Still, ImageBitmap>();
  const cuts: ImageBitmap[] = [];
  const close = (): void => [...bitmaps.values(), ...cuts].forEach((bitmap) => bitmap.close());
  try {
    for (const still of stillsOf(saved)) bitmaps.set(still, await bitmapOf(still));
    const { preview, sample: id, name } = saved.picture;
    const sample = id === null ? null : await sampleOf(id, saved);
    const drawable: Drawable | null = sample
      ? await loadPicture(sample.picture).catch(() => null)
      : ((preview && bitmaps.get(preview)) ?? wholeOf(saved, bitmaps));
    const runs = await Promise.all(
      saved.runs.map(async (run): Promise<ExhibitRun> => {
        const events = withPreviews(run.events, bitmaps);
        const whole = sample && drawable ? await withCuts(events, drawable, cuts) : events;
        return { events: whole, state: foldRun(whole), memory: run.memory };
      }),
    );
    const isLooks = saved.runs.map((run) => laneOfSaved(run) === 'looks');
    const main = runs[Math.max(0, isLooks.indexOf(true))];
    const [start] = saved.runs.map(startOf);
    if (!main || !start) throw new ErgoError('run-unreadable', 'There is no run.');
    const exhibit = {
      picture: {
        name,
        sample: sample?.id ?? null,
        info: start.picture,
        drawable: async () => drawable,
      },
      main,
      baseline: runs.find((run) => run !== main) ?? null,
    };
    return { exhibit, close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

async function bitmapOf(still: Still): Promise<ImageBitmap> {
  return createImageBitmap(blobOf(still)).catch((cause: unknown) => {
    throw new ErgoError('run-unreadable', 'A picture in it is damaged.', { cause });
  });
}

/** The first look shows the whole picture. */
function wholeOf({ runs }: SavedRun, bitmaps: ReadonlyMap<Still, ImageBitmap>): ImageBitmap | null {
  for (const { events } of runs) {
    for (const event of events) {
      if (event.type !== 'picture-viewed' || event.view.patches.kind === 'crop') continue;
      if (event.view.preview) return bitmaps.get(event.view.preview) ?? null;
    }
  }
  return null;
}

/** @returns null where this site's gallery has no such picture (any more) */
async function sampleOf(id: string, saved: SavedRun): Promise<Sample | null> {
  const samples = await loadSamples().catch((): readonly Sample[] => []);
  const sample = samples.find((one) => one.id === id);
  const [run] = saved.runs;
  if (!sample || !run) return null;
  const { width, height } = startOf(run).picture;
  return sample.width === width && sample.height === height ? sample : null;
}

/** A link brings no pictures of the crops: they are cut again, where the gallery has the whole. */
function withCuts(
  events: readonly RunEvent[],
  whole: Drawable,
  cuts: ImageBitmap[],
): Promise<RunEvent[]> {
  return Promise.all(
    events.map(async (event): Promise<RunEvent> => {
      if (
        event.type !== 'picture-viewed' ||
        event.view.preview ||
        event.view.patches.kind !== 'crop'
      ) {
        return event;
      }
      const { source, patches } = event.view;
      const preview = await createImageBitmap(
        whole,
        Math.round(source.x),
        Math.round(source.y),
        Math.max(1, Math.round(source.width)),
        Math.max(1, Math.round(source.height)),
        // No larger than a screen, whatever somebody wrote into the link.
        {
          resizeWidth: Math.min(patches.size.width, 1600),
          resizeHeight: Math.min(patches.size.height, 1600),
          resizeQuality: 'high',
        },
      );
      cuts.push(preview);
      return { ...event, view: { ...event.view, preview } };
    }),
  );
}

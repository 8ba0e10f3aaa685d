/** What of an exhibit goes into a link or a file. */
import { encodeRun, MOST_CHARACTERS } from '../../core/share/link.ts';
import {
  FORMAT,
  savedEvents,
  VERSION,
  type SavedPicture,
  type SavedRun,
} from '../../core/share/saved-run.ts';
import type { Still } from '../../core/share/still.ts';
import { ErgoError } from '../../core/errors.ts';
import { runsOf, type Exhibit } from './exhibit.ts';
import { addressOf } from './replay-address.ts';
import { stillFrom, stillWithin, within } from './stills.ts';

/** Of what goes into a file: the whole picture is a glance, what the model saw nearly as it was. */
const GLANCE = { side: 1024, quality: 0.8 };
const SEEN_QUALITY = 0.9;

export interface Link {
  readonly address: string;
  /** Of the preview in it; null if it holds none. */
  readonly preview: Still | null;
}

/**
 * @throws ErgoError `bad-request` for a run that is too long for a link
 */
export async function linkOf(exhibit: Exhibit): Promise<Link> {
  const address = addressOf(await encodeRun(lean(exhibit, null)));
  if (address.length > MOST_CHARACTERS) {
    const message = `This run is too long for a link: ${address.length} characters, where chats and mail programs cut at ${MOST_CHARACTERS}. It can be saved as a file.`;
    throw new ErgoError('bad-request', message);
  }
  return { address, preview: null };
}

/**
 * @param bare the same without a preview
 * @returns null if there is no picture, or no room for one
 */
export async function linkWithPreview(exhibit: Exhibit, bare: Link): Promise<Link | null> {
  const picture = await exhibit.picture.drawable();
  if (!picture) return null;
  // Four characters for three bytes, and a few for the compression of what cannot be compressed.
  let most = Math.floor((MOST_CHARACTERS - bare.address.length) * 0.75) - 16;
  while (most > 0) {
    const preview = await stillWithin(picture, most);
    if (!preview) return null;
    const address = addressOf(await encodeRun(lean(exhibit, preview)));
    if (address.length <= MOST_CHARACTERS) return { address, preview };
    most -= address.length - MOST_CHARACTERS;
  }
  return null;
}

/** Everything: all events, what the model saw, and the whole picture at a glance. */
export async function fileOf(exhibit: Exhibit): Promise<Blob> {
  const { name, sample } = exhibit.picture;
  const stills = new Map<ImageBitmap, Still>();
  for (const { events } of runsOf(exhibit)) {
    for (const event of events) {
      const bitmap = event.type === 'picture-viewed' ? event.view.preview : null;
      if (!bitmap || stills.has(bitmap)) continue;
      stills.set(bitmap, await stillFrom(bitmap, bitmap, SEEN_QUALITY));
    }
  }
  const drawable = sample === null ? await exhibit.picture.drawable() : null;
  const preview =
    drawable && (await stillFrom(drawable, within(drawable, GLANCE.side), GLANCE.quality));
  const saved = packed(exhibit, { name, sample, preview }, stills);
  return new Blob([JSON.stringify(saved)], { type: 'application/json' });
}

/** Without what tells of a person's file. */
function lean(exhibit: Exhibit, preview: Still | null): SavedRun {
  return packed(exhibit, { name: null, sample: exhibit.picture.sample, preview });
}

function packed(
  exhibit: Exhibit,
  picture: SavedPicture,
  stills: ReadonlyMap<ImageBitmap, Still> = new Map(),
): SavedRun {
  const runs = runsOf(exhibit).map(({ events, memory }) => ({
    events: savedEvents(events, stills),
    memory,
  }));
  return { format: FORMAT, version: VERSION, picture, runs };
}

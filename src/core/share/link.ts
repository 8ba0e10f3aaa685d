/**
 * A run in the part of an address that browsers keep to themselves (behind "#"): version, then
 * base64url of zlib over the packed run as JSON, a zero byte, and the file of the preview, if there
 * is one.
 */
import { ErgoError } from '../errors.ts';
import { fromBase64Url, toBase64Url } from './base64.ts';
import { deflated, inflated } from './deflate.ts';
import { pack, unpack } from './pack.ts';
import { checkedRun } from './read.ts';
import { FORMAT, VERSION, type SavedRun } from './saved-run.ts';
import { blobOf, stillOf } from './still.ts';
import { tooNew, unreadable } from './unreadable.ts';

/** Characters of a whole link at most: longer ones are cut by chats and mail programs. */
export const MOST_CHARACTERS = 8000;
/** Bytes that a link may unfold to. */
const MOST_UNFOLDED = 1e6;
const WHAT = 'The link';

/**
 * Previews of views and the name of a person's file stay away; `picture.preview` comes along.
 * @returns the text behind "#/run/"; may be longer than a link should be
 */
export async function encodeRun({ picture, runs }: SavedRun): Promise<string> {
  const json = JSON.stringify({
    sample: picture.sample,
    runs: runs.map(({ events, memory }) => ({ events: pack(events), memory })),
  });
  // JSON escapes control characters, so the first zero byte ends it.
  const parts: BlobPart[] = [json];
  if (picture.preview) parts.push('\0', blobOf(picture.preview));
  const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
  return `${VERSION}${toBase64Url(await deflated(whole))}`;
}

/**
 * @param text what stands behind "#/run/", untrusted
 * @throws ErgoError `run-unreadable`
 */
export async function decodeRun(text: string): Promise<SavedRun> {
  if (text.length > MOST_CHARACTERS) throw unreadable(`${WHAT} is longer than any made here.`);
  const version = Number(/^\d/.exec(text)?.[0] ?? Number.NaN);
  if (version > VERSION) throw tooNew(WHAT);
  const bytes = fromBase64Url(text.slice(1));
  if (version !== VERSION || !bytes) throw damaged();
  try {
    return await unfolded(bytes);
  } catch (cause) {
    throw cause instanceof ErgoError ? cause : damaged(cause);
  }
}

async function unfolded(bytes: Uint8Array<ArrayBuffer>): Promise<SavedRun> {
  const whole = await inflated(bytes, MOST_UNFOLDED);
  const end = whole.indexOf(0);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(
    end < 0 ? whole : whole.subarray(0, end),
  );
  const { sample, runs } = JSON.parse(text) as { sample: unknown; runs: unknown };
  if (!Array.isArray(runs)) throw damaged();
  const preview = end < 0 ? null : stillOf(whole.subarray(end + 1));
  return checkedRun(
    {
      format: FORMAT,
      version: VERSION,
      picture: { name: null, sample, preview },
      runs: runs.map((run: { events?: unknown; memory?: unknown } | null) => ({
        events: unpack(run?.events),
        memory: run?.memory,
      })),
    },
    WHAT,
  );
}

function damaged(cause?: unknown): ErgoError {
  return unreadable(`${WHAT} is not whole or was changed on its way.`, cause);
}

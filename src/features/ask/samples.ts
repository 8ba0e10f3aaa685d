/** The gallery's pictures: samples/samples.json of the site. */
import { PAUSES } from '../../core/again.ts';
import { sleep } from '../../core/sleep.ts';
import { withOptions } from '../../core/protocol/question.ts';

export interface Sample {
  readonly id: string;
  readonly title: string;
  /** Absolute URLs. */
  readonly picture: string;
  readonly thumbnail: string;
  readonly width: number;
  readonly height: number;
  /** In V* layout, options included. */
  readonly questions: readonly string[];
}

interface SampleFile {
  readonly id: string;
  readonly file: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly questions: readonly { readonly text: string; readonly options?: readonly string[] }[];
}

/**
 * Asked for again after failures that may pass; for as long as they last there is no gallery.
 * @returns nothing if the site ships no samples
 */
export async function loadSamples(base = document.baseURI): Promise<readonly Sample[]> {
  for (const pause of [0, ...PAUSES]) {
    await sleep(pause);
    const response = await fetch(new URL('samples/samples.json', base)).catch(() => null);
    if (response?.status === 404) break;
    // The file is ours and built with the site; a portal's page is no JSON.
    const entries = response?.ok ? await response.json().catch(() => null) : null;
    if (entries) return readSamples(entries as readonly SampleFile[], base);
  }
  return [];
}

export function readSamples(entries: readonly SampleFile[], base: string): readonly Sample[] {
  return entries.map(({ id, file, title, width, height, questions }) => ({
    id,
    title,
    width,
    height,
    picture: new URL(`samples/${file}`, base).href,
    thumbnail: new URL(`samples/thumbs/${id}.jpg`, base).href,
    questions: questions.map(({ text, options = [] }) => withOptions({ question: text, options })),
  }));
}

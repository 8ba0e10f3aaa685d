/**
 * A golden history of a model folder, replayed as the app uses the engine: pictures, texts, greedy
 * tokens. Runs in Node and in a page.
 */
import type { EncodedPicture, Part, VisionLanguageModel } from '../../core/contracts/model.ts';
import type { PatchesId } from '../../core/contracts/pictures.ts';
import type { PatchInbox } from '../inbox.ts';

export interface PictureCase {
  /** In the layout of `PatchMessage`. */
  readonly patches: Float32Array<ArrayBuffer>;
  readonly grid: readonly [1, number, number];
  readonly width: number;
  readonly height: number;
}

export interface GoldenHistory {
  /** One more than there are pictures. */
  readonly texts: readonly string[];
  readonly pictures: readonly PictureCase[];
  /** How many are wanted, beyond stop tokens too. */
  readonly tokens: number;
}

const MARKERS = /<\|vision_start\|>(?:<\|image_pad\|>)+<\|vision_end\|>/;

/** A prompt of golden.json, with one <|image_pad|> per vision token, between its pictures. */
export function textsOf(prompt: string): string[] {
  return prompt.split(MARKERS);
}

let sent = 0;

/** @param picture its patches go to the inbox, which hands them to the engine once */
export async function encodeCase(
  model: VisionLanguageModel,
  inbox: PatchInbox,
  { patches, grid, width, height }: PictureCase,
): Promise<EncodedPicture> {
  const [, rows, columns] = grid;
  const id = `replay-${sent++}` as PatchesId;
  const dims = [rows * columns, patches.length / (rows * columns)] as const;
  inbox.receive({ kind: 'patches', id, data: patches, dims, grid });
  const merge = model.info.profile.image.mergeSize;
  const tokens = { rows: rows / merge, columns: columns / merge };
  const size = { width, height, grid: tokens, tokens: tokens.rows * tokens.columns };
  return await model.encode({ id, kind: 'coarse', size });
}

/** @returns ids of the greedy tokens */
export async function replayHistory(
  model: VisionLanguageModel,
  inbox: PatchInbox,
  { texts, pictures, tokens }: GoldenHistory,
): Promise<number[]> {
  const parts: Part[] = [{ type: 'text', text: texts[0] ?? '' }];
  const encoded: EncodedPicture[] = [];
  for (const [i, described] of pictures.entries()) {
    const picture = await encodeCase(model, inbox, described);
    encoded.push(picture);
    parts.push({ type: 'picture', picture }, { type: 'text', text: texts[i + 1] ?? '' });
  }
  const { context } = await model.extend(null, parts);
  const ids = await forcedTokens(model, context, tokens);
  await model.release(context);
  for (const picture of encoded) await model.releasePicture(picture);
  return ids;
}

/** Greedy tokens, beyond stop tokens. */
export async function forcedTokens(
  model: VisionLanguageModel,
  context: Parameters<VisionLanguageModel['generate']>[0],
  count: number,
): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < count) {
    for await (const { id } of model.generate(context, { maxNewTokens: count - ids.length })) {
      ids.push(id);
    }
  }
  return ids;
}

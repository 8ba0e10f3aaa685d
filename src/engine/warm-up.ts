/** Runs every graph once on next to nothing, so that GPU programs are compiled before a question. */
import type { VisionLanguageModel } from '../core/contracts/model.ts';
import type { PatchesId } from '../core/contracts/pictures.ts';
import type { PatchInbox } from './inbox.ts';

/** Tokens per side of the blank picture. */
const SIDE = 2;

/** @throws ErgoError as `VisionLanguageModel` does */
export async function warmUp(
  model: VisionLanguageModel,
  inbox: PatchInbox,
  signal?: AbortSignal,
): Promise<void> {
  const { image } = model.info.profile;
  const patches = SIDE * image.mergeSize;
  const values = 3 * image.temporalPatchSize * image.patchSize ** 2;
  const id = 'warm-up' as PatchesId;
  inbox.receive({
    kind: 'patches',
    id,
    data: new Float32Array(patches * patches * values),
    dims: [patches * patches, values],
    grid: [1, patches, patches],
  });
  const side = SIDE * image.pixelsPerToken;
  const grid = { rows: SIDE, columns: SIDE };
  const size = { width: side, height: side, grid, tokens: SIDE * SIDE };
  const picture = await model.encode({ id, kind: 'coarse', size }, signal);
  // A text and a picture in one call, then single tokens: the three shapes that a run consists of.
  const { context } = await model.extend(
    null,
    [
      { type: 'text', text: 'Hello' },
      { type: 'picture', picture },
    ],
    signal,
  );
  try {
    const steps = model.generate(context, { maxNewTokens: 3, signal });
    while (!(await steps.next()).done);
  } finally {
    await model.release(context);
    await model.releasePicture(picture);
  }
}

/**
 * Does a model see where things are? Graphs with wrong positions, or without the features that
 * belong into deeper layers, answer every text test and see badly. Nine dark pictures with one
 * bright square: the model is asked for its box, in its family's manner, and the boxes are held
 * against the squares (intersection over union).
 */
import type { Context, EncodedPicture, Part, VisionLanguageModel } from '../contracts/model.ts';
import type { OpenPicture, PatchesRef, PictureSource } from '../contracts/pictures.ts';
import type { ModelProfile } from '../contracts/profile.ts';
import { throwIfCancelled } from '../errors.ts';
import { fitsConvention, fromModelCorners, originalToCoarse } from '../geometry/frames.ts';
import { overlap, type Box, type Size } from '../geometry/size.ts';
import { parseBoxes } from '../protocol/boxes.ts';
import { asking, opening } from '../protocol/chat.ts';
import { fillPrompt } from '../protocol/question.ts';
import { within } from '../within.ts';
import { pictureOf, SQUARES } from './squares.ts';

/** Below this a model is said to see badly. A choice: no real weights could be tried with it. */
const SEES_FROM = 0.5;

/** Enough for a thought of a tagged model and a box; others stop long before. */
const MOST_TOKENS = 256;

export interface CheckLook {
  readonly index: number;
  /** Of what it saw. */
  readonly size: Size;
  /** Where the square is, and where the model says it is, in pixels of what it saw. */
  readonly square: Box<'coarse'>;
  readonly box: Box<'coarse'> | null;
  /** Intersection over union, 0 without a box. */
  readonly iou: number;
  readonly milliseconds: number;
  /** What it wrote. */
  readonly text: string;
}

export interface CheckResult {
  readonly boxes: readonly CheckLook[];
  readonly meanIou: number;
  /** Median: the first look is slower on a GPU. */
  readonly millisecondsPerLook: number;
  readonly sees: boolean;
}

export interface CheckParts {
  readonly model: VisionLanguageModel;
  readonly pictures: PictureSource;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Yields each look when it is done. Releases what it made, also when it is left early.
 * @throws ErgoError of the model and of the pictures, `cancelled`
 */
export async function* checkModel(
  parts: CheckParts,
): AsyncGenerator<CheckLook, CheckResult, undefined> {
  const boxes: CheckLook[] = [];
  for (const [index, square] of SQUARES.entries()) {
    const look = await lookAt(square, index, parts);
    boxes.push(look);
    yield look;
  }
  return resultOf(boxes);
}

function resultOf(boxes: readonly CheckLook[]): CheckResult {
  const meanIou = boxes.reduce((sum, { iou }) => sum + iou, 0) / Math.max(1, boxes.length);
  const times = boxes.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
  const millisecondsPerLook = times[Math.floor(times.length / 2)] ?? 0;
  return { boxes, meanIou, millisecondsPerLook, sees: meanIou >= SEES_FROM };
}

async function lookAt(
  square: Box<'original'>,
  index: number,
  { model, pictures, now, signal }: CheckParts,
): Promise<CheckLook> {
  const { profile } = model.info;
  const start = now();
  const picture = await pictures.open(pictureOf(square), profile.image, signal);
  let waiting: PatchesRef | null = null;
  let encoded: EncodedPicture | null = null;
  let context: Context | null = null;
  try {
    const view = await picture.view('coarse', { budget: profile.budgets.coarse, signal });
    waiting = view.patches;
    encoded = await model.encode(waiting, signal);
    waiting = null;
    ({ context } = await model.extend(null, partsOf(profile, encoded), signal));
    const text = await written(model, context, signal);
    const { size } = encoded;
    const truth = originalToCoarse(square, picture.info, size);
    const box = boxIn(text, size, profile);
    const iou = box ? overlap(box, truth) : 0;
    const { width, height } = size;
    const milliseconds = now() - start;
    return { index, size: { width, height }, square: truth, box, iou, milliseconds, text };
  } finally {
    await releaseAll(model, picture, { waiting, encoded, context });
  }
}

/** A model that was taught to name regions is asked as it was taught, any other as its family is. */
function partsOf({ chat, prompts, replies }: ModelProfile, picture: EncodedPicture): Part[] {
  const { system, locate } = prompts.coarseToFine;
  return replies === 'tags'
    ? [
        ...opening(chat, system, [picture]),
        ...asking(chat, fillPrompt(locate, 'Where is the bright square?')),
      ]
    : [...opening(chat, '', [picture]), ...asking(chat, [{ type: 'text', text: DETECT }])];
}

const DETECT =
  'Locate the bright square in this picture and output its bounding box in JSON format: ' +
  '{"bbox_2d": [x1, y1, x2, y2], "label": "square"}. Output nothing else.';

async function written(
  model: VisionLanguageModel,
  context: Context,
  signal: AbortSignal | undefined,
): Promise<string> {
  const steps = model.generate(context, { maxNewTokens: MOST_TOKENS, signal });
  for (;;) {
    throwIfCancelled(signal);
    const step = await steps.next();
    if (step.done === true) return step.value.text;
  }
}

function boxIn(text: string, size: EncodedPicture['size'], profile: ModelProfile) {
  const found = parseBoxes(text);
  if (!found || !fitsConvention(found.corners, profile.coordinates)) return null;
  return fromModelCorners(found.corners, profile.coordinates, size);
}

interface Made {
  readonly waiting: PatchesRef | null;
  readonly encoded: EncodedPicture | null;
  readonly context: Context | null;
}

/** Never throws: what went wrong first is what counts. */
async function releaseAll(
  model: VisionLanguageModel,
  picture: OpenPicture,
  { waiting, encoded, context }: Made,
): Promise<void> {
  const released = Promise.allSettled([
    waiting && picture.discard(waiting),
    context && model.release(context),
    encoded && model.releasePicture(encoded),
  ]);
  await within(released);
  await within(picture.close());
}

/**
 * AwaRes (arXiv 2603.16932): answer from the small view, or ask once for named crops. Each comes at
 * its own resolution, or at the model's budget for it if that is less, and with the model's margin.
 */
import type { EncodedPicture } from '../contracts/model.ts';
import { coarseToOriginal } from '../geometry/frames.ts';
import { widen } from '../geometry/region.ts';
import { nativeTokens } from '../geometry/resize.ts';
import { askingAgain } from '../protocol/chat.ts';
import { fillPrompt, withOptions } from '../protocol/question.ts';
import { CROPS_BY_NAME, parseCrops } from '../protocol/reply.ts';
import type { RunEventOf } from '../run/events.ts';
import type { PolicyDefinition } from './definition.ts';
import { firstLook } from './first-look.ts';
import { answered, createPolicy, type Events, type Run } from './run.ts';
import { openingTaught, taught } from './taught.ts';

export const onDemand: PolicyDefinition = {
  name: 'on-demand',
  label: 'On demand',
  description: 'A look at the small view; more detail only where the model asks for it.',
  opening: ({ profile, input }) => openingTaught(profile.prompts.onDemand, input.budgets),
  run: createPolicy('on-demand', body),
};

async function* body(run: Run): Events {
  const { profile, input, picture } = run;
  const prompts = taught(profile.prompts.onDemand, profile, 'to ask for crops');
  const {
    stage: coarse,
    context,
    size,
  } = yield* firstLook(run, {
    kind: 'coarse',
    budget: input.budgets.coarse,
    system: prompts.system,
    words: prompts.first,
  });
  const { text } = yield* coarse.write(context);
  yield coarse.measured();
  const names = parseCrops(text);
  if (names === null) return yield* answered(run, text);

  const crop = run.stage('crop');
  yield crop.startedEvent;
  const crops: EncodedPicture[] = [];
  for (const name of names) {
    const region = regionByName(name, run, size);
    yield region;
    const native = nativeTokens(region.original, profile.image.pixelsPerToken);
    const { demandCrop, fullResolution } = input.budgets;
    const budget = Math.min(native, demandCrop ?? fullResolution);
    crops.push(yield* crop.look(await picture.crop(region.original, run.viewing(budget))));
  }
  const words = fillPrompt(prompts.second, withOptions(input));
  const second = askingAgain(profile.chat, crops, words);
  const extended = yield* crop.extend(context, second);
  const result = yield* crop.write(extended);
  yield crop.measured();
  yield* answered(run, result.text);
}

function regionByName(
  name: string,
  { picture, profile }: Run,
  coarse: { width: number; height: number },
): Omit<RunEventOf<'region-chosen'>, 'at'> {
  const [x1, y1, x2, y2] = CROPS_BY_NAME.get(name) ?? [0, 0, 1, 1];
  const named = {
    frame: 'coarse',
    x: x1 * coarse.width,
    y: y1 * coarse.height,
    width: (x2 - x1) * coarse.width,
    height: (y2 - y1) * coarse.height,
  } as const;
  const region = widen(named, coarse, profile.region.demandMargin ?? 0);
  const original = coarseToOriginal(region, coarse, picture.info);
  return { type: 'region-chosen', coarse: region, original, source: 'model' };
}

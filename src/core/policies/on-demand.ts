/**
 * AwaRes (arXiv 2603.16932): answer from the small view, or ask once for named crops. Each comes at
 * its own resolution, or at the model's budget for it if that is less.
 */
import type { EncodedPicture } from '../contracts/model.ts';
import { ErgoError } from '../errors.ts';
import { coarseToOriginal } from '../geometry/frames.ts';
import { nativeTokens } from '../geometry/resize.ts';
import { asking, askingAgain, opening } from '../protocol/chat.ts';
import { fillPrompt, withOptions } from '../protocol/question.ts';
import { CROPS_BY_NAME, parseCrops } from '../protocol/reply.ts';
import type { RunEventOf } from '../run/events.ts';
import type { PolicyDefinition } from './definition.ts';
import { answered, createPolicy, type Events, type Run } from './run.ts';

export const onDemand: PolicyDefinition = {
  name: 'on-demand',
  label: 'On demand',
  description: 'A look at the small view; more detail only where the model asks for it.',
  opening: ({ profile, input }) =>
    profile.prompts.onDemand
      ? {
          system: profile.prompts.onDemand.system,
          kind: 'coarse',
          budget: input.budgets.coarse,
        }
      : null,
  run: createPolicy('on-demand', body),
};

async function* body(run: Run): Events {
  const { profile, input, picture } = run;
  const prompts = profile.prompts.onDemand;
  if (prompts === undefined) {
    throw new ErgoError('model-unsupported', `${profile.name} was not taught to ask for crops.`);
  }
  const question = withOptions(input);
  const coarse = run.stage('coarse');
  yield coarse.startedEvent;
  const view = await picture.view('coarse', run.viewing(input.budgets.coarse));
  const seen = yield* coarse.look(view);
  const { chat } = profile;
  const first = asking(chat, fillPrompt(prompts.first, question));
  const context = await coarse.extend(null, [...opening(chat, prompts.system, [seen]), ...first]);
  const { text } = yield* coarse.write(context);
  yield coarse.measured();
  const names = parseCrops(text);
  if (names === null) return yield* answered(run, text);

  const crop = run.stage('crop');
  yield crop.startedEvent;
  const crops: EncodedPicture[] = [];
  for (const name of names) {
    const region = regionByName(name, run, view.patches.size);
    yield region;
    const native = nativeTokens(region.original, profile.image.pixelsPerToken);
    const { demandCrop, fullResolution } = input.budgets;
    const budget = Math.min(native, demandCrop ?? fullResolution);
    crops.push(yield* crop.look(await picture.crop(region.original, run.viewing(budget))));
  }
  const second = askingAgain(chat, crops, fillPrompt(prompts.second, question));
  const extended = await crop.extend(context, second);
  const result = yield* crop.write(extended);
  yield crop.measured();
  yield* answered(run, result.text);
}

function regionByName(
  name: string,
  { picture }: Run,
  coarse: { width: number; height: number },
): Omit<RunEventOf<'region-chosen'>, 'at'> {
  const [x1, y1, x2, y2] = CROPS_BY_NAME.get(name) ?? [0, 0, 1, 1];
  const region = {
    frame: 'coarse',
    x: x1 * coarse.width,
    y: y1 * coarse.height,
    width: (x2 - x1) * coarse.width,
    height: (y2 - y1) * coarse.height,
  } as const;
  const original = coarseToOriginal(region, coarse, picture.info);
  return { type: 'region-chosen', coarse: region, original, source: 'model' };
}

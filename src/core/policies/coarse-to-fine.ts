/**
 * ERGO (arXiv 2509.21991): look at all of it small, name a region, look there, answer. The second
 * stage extends the context of the first, so nothing is prefilled twice.
 */
import type { Context, EncodedPicture } from '../contracts/model.ts';
import type { PictureView } from '../contracts/pictures.ts';
import { asking, askingAgain, opening } from '../protocol/chat.ts';
import { readZoom } from '../protocol/live-zoom.ts';
import { isAnswer } from '../protocol/reply.ts';
import { fillPrompt, withOptions } from '../protocol/question.ts';
import { nativeTokens } from '../geometry/resize.ts';
import type { Box, Size } from '../geometry/size.ts';
import type { RunEventBody } from '../run/events.ts';
import { regionOfHand, regionOfReply, type Prediction } from './choose-region.ts';
import type { PolicyDefinition } from './definition.ts';
import { answerDirectly } from './direct.ts';
import { answered, createPolicy, notice, type Events, type Run } from './run.ts';
import { tokensOfOneLook } from './small-picture.ts';

export const coarseToFine: PolicyDefinition = {
  name: 'coarse-to-fine',
  label: 'Coarse to fine',
  description: 'Two looks: the whole picture small, then the region that matters in detail.',
  opening(occasion) {
    const { prompts } = occasion.profile;
    const { coarse, fullResolution } = occasion.input.budgets;
    return tokensOfOneLook(occasion) === null
      ? { system: prompts.coarseToFine.system, kind: 'coarse', budget: coarse }
      : { system: prompts.direct.system, kind: 'full', budget: fullResolution };
  },
  run: createPolicy('coarse-to-fine', body),
};

async function* body(run: Run): Events {
  const { hand, budgets } = run.input;
  const whole = tokensOfOneLook({ ...run, picture: run.picture.info });
  if (whole !== null) {
    const message = `The picture is small: all of it costs ${whole} tokens, no more than two looks; it is looked at once.`;
    yield notice('small-picture', message);
    return yield* answerDirectly(run, 'full', budgets.fullResolution);
  }
  if (hand?.context) {
    const context = await run.fork(hand.context);
    yield* answerFromRegions(run, context, [yield* regionDrawn(run, hand.region)]);
    return;
  }
  const { picture, seen, located, reply, size, ahead } = yield* locate(run);
  if (run.input.keepContext === true) {
    // Not among the run's holdings: whoever reads the event releases it.
    const context = await run.model.fork(located, run.signal);
    yield { type: 'context-kept', context };
  }
  if (hand) {
    yield* answerFromRegions(run, located, [yield* regionDrawn(run, hand.region)]);
    return;
  }
  if (run.profile.replies === 'plain' && run.input.options.length === 0 && isAnswer(reply)) {
    yield notice(
      'answered-at-once',
      'The model answered from the coarse view; it named no region.',
    );
    return yield* answered(run, reply);
  }
  const { predicted, chosen, notices } = regionsIn(reply, size, run);
  yield predicted;
  for (const { code, message } of notices) yield notice(code, message);
  if (chosen.length === 0) return yield* answerFromCoarse(run, seen, picture);
  yield* chosen;
  const regions = chosen.map(({ original }) => original);
  yield* answerFromRegions(run, located, regions, ahead);
}

interface Located {
  readonly picture: EncodedPicture;
  /** System turn and picture only; null where another system prompt answers. */
  readonly seen: Context | null;
  /** The whole coarse stage, up to the model's words. */
  readonly located: Context;
  readonly reply: string;
  readonly size: Size;
  /** The region's view, if it was begun before the model had written its last token. */
  readonly ahead: Ahead | undefined;
}

interface Ahead {
  readonly region: Box<'original'>;
  readonly view: Promise<PictureView>;
}

/** Stage 1: the whole picture small, the question without its options, a region. */
async function* locate(run: Run): AsyncGenerator<RunEventBody, Located, undefined> {
  const { chat, prompts: all } = run.profile;
  const { coarseToFine: prompts, direct } = all;
  const stage = run.stage('coarse');
  yield stage.startedEvent;
  const { budgets, question } = run.input;
  const view = await run.picture.view('coarse', run.viewing(budgets.coarse));
  const picture = yield* stage.look(view);
  const start = yield* stage.extend(null, opening(chat, prompts.system, [picture]));
  // Kept aside, so that a fallback need not prefill the picture again.
  const seen = prompts.system === direct.system ? await run.fork(start) : null;
  const located = yield* stage.extend(start, asking(chat, fillPrompt(prompts.locate, question)));
  const { size } = view.patches;
  let ahead: Ahead | undefined;
  const { text: reply } = yield* stage.write(located, (text) => {
    if (run.input.hand || ahead) return;
    const region = firstRegion(text, size, run);
    if (region) ahead = { region, view: run.holdings.ahead(cropOf(run, region)) };
  });
  yield stage.measured();
  return { picture, seen, located, reply, size, ahead };
}

/** A box that has a beginning of its own; mostly it is the one that counts in the end. */
function firstRegion(text: string, coarse: Size, run: Run): Box<'original'> | undefined {
  if ((readZoom(text)?.known.length ?? 0) < 4) return undefined;
  return regionsIn(text, coarse, run).chosen[0]?.original;
}

function regionsIn(reply: string, coarse: Size, run: Run): Prediction {
  const { picture, profile, input } = run;
  return regionOfReply(reply, coarse, picture.info, profile, input.budgets.crop);
}

/** @param of how many crops it is one: they share the budget */
function cropOf(run: Run, region: Box<'original'>, of = 1): Promise<PictureView> {
  const { profile, input, picture } = run;
  const most = Math.floor(input.budgets.crop / of);
  const native = nativeTokens(region, profile.image.pixelsPerToken);
  const budget = Math.min(Math.max(native, profile.region.leastTokens ?? most), most);
  return picture.crop(region, run.viewing(budget));
}

function isSame(a: Box<'original'> | undefined, b: Box<'original'> | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Stage 2: the regions from the original file, the question with its options, the answer.
 * @param ahead of the only region; one of several, or of others, was begun in vain
 */
async function* answerFromRegions(
  run: Run,
  context: Context,
  regions: readonly Box<'original'>[],
  ahead?: Ahead,
): Events {
  const stage = run.stage('crop');
  yield stage.startedEvent;
  const begun = regions.length === 1 && isSame(ahead?.region, regions[0]) ? ahead?.view : undefined;
  const crops: EncodedPicture[] = [];
  for (const region of regions) {
    crops.push(yield* stage.look(await (begun ?? cropOf(run, region, regions.length))));
  }
  const { chat, prompts } = run.profile;
  const words = fillPrompt(prompts.coarseToFine.answer, withOptions(run.input));
  const extended = yield* stage.extend(context, askingAgain(chat, crops, words));
  const { text } = yield* stage.write(extended);
  yield stage.measured();
  yield* answered(run, text);
}

/** No usable region: a direct answer from the view that is there. */
async function* answerFromCoarse(run: Run, seen: Context | null, picture: EncodedPicture): Events {
  const stage = run.stage('coarse');
  yield stage.startedEvent;
  const { chat, prompts } = run.profile;
  const { system, answer } = prompts.direct;
  const words = asking(chat, fillPrompt(answer, withOptions(run.input)));
  const parts = seen ? words : [...opening(chat, system, [picture]), ...words];
  const { text } = yield* stage.write(yield* stage.extend(seen, parts));
  yield stage.measured();
  yield* answered(run, text);
}

async function* regionDrawn(
  run: Run,
  drawn: Box<'original'>,
): AsyncGenerator<RunEventBody, Box<'original'>, undefined> {
  const { picture, profile, input } = run;
  const chosen = regionOfHand(drawn, picture.info, profile, input.budgets.coarse);
  yield chosen;
  return chosen.original;
}

/**
 * Several looks, as Mini-o3 (arXiv 2509.07969), DeepEyes (arXiv 2505.14362) and Qwen's own zoom
 * tool: look, then answer or zoom, in one growing context. Every crop is cut from the original file.
 */
import { askingAgain } from '../protocol/chat.ts';
import { fillPrompt, withOptions } from '../protocol/question.ts';
import { parseZoomCall } from '../protocol/tool-call.ts';
import type { PolicyDefinition } from './definition.ts';
import { firstLook } from './first-look.ts';
import { nextLook, wholeLook, type Look, type NextLook } from './next-look.ts';
import { answered, createPolicy, notice, type Events, type Run } from './run.ts';
import { openingTaught, taught } from './taught.ts';

/** Looks in all where nothing else is said, the first one included. */
export const MOST_LOOKS = 4;

export const search: PolicyDefinition = {
  name: 'search',
  label: 'Search',
  description: 'As many looks as the model asks for, each in detail, up to a limit.',
  opening: ({ profile, input }) => openingTaught(profile.prompts.search, input.budgets),
  run: createPolicy('search', body),
};

async function* body(run: Run): Events {
  const { profile, input, picture } = run;
  const prompts = taught(profile.prompts.search, profile, 'to call a zoom tool');
  const { chat } = profile;
  const words = (template: string) => fillPrompt(template, withOptions(input));
  const first = yield* firstLook(run, {
    kind: 'coarse',
    budget: input.budgets.coarse,
    system: prompts.system,
    words: prompts.first,
  });
  let { stage, context } = first;
  const looks: [Look, ...Look[]] = [wholeLook(picture.info, first.size)];
  for (;;) {
    const { text } = yield* stage.write(context);
    yield stage.measured();
    const call = parseZoomCall(text);
    if (call === null) return yield* answered(run, text);
    const next = nextLook(call, looks, input.maxLooks ?? MOST_LOOKS, picture.info, profile);
    stage = run.stage('crop');
    yield stage.startedEvent;
    if (next.type === 'end') {
      yield notice('search-ended', WHY_ENDED[next.why]);
      context = yield* stage.extend(context, askingAgain(chat, [], words(prompts.last)));
      const last = yield* stage.write(context);
      yield stage.measured();
      return yield* answered(run, last.text);
    }
    const { original, coarse } = next;
    yield { type: 'region-chosen', coarse, original, source: 'model' };
    const cut = await picture.crop(original, run.viewing(input.budgets.crop));
    const crop = yield* stage.look(cut);
    looks.push({ source: cut.source, size: cut.patches.size });
    context = yield* stage.extend(context, askingAgain(chat, [crop], words(prompts.again)));
  }
}

const WHY_ENDED: Record<Extract<NextLook, { type: 'end' }>['why'], string> = {
  repeated: 'The model asked for a region that it had seen; it answers from what it has.',
  invalid: 'The model asked for a region that there is not; it answers from what it has.',
  limit: 'The model asked for more looks than it may make; it answers from what it has.',
};

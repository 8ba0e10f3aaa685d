/** One view, one turn, one answer: what both baselines are. */
import type { PictureView } from '../contracts/pictures.ts';
import { asking, opening } from '../protocol/chat.ts';
import { fillPrompt, withOptions } from '../protocol/question.ts';
import type { StageName } from '../run/events.ts';
import { answered, type Events, type Run } from './run.ts';

/** @param view begins when the stage does */
export async function* answerDirectly(
  run: Run,
  name: StageName,
  view: () => Promise<PictureView>,
): Events {
  const stage = run.stage(name);
  yield stage.startedEvent;
  const picture = yield* stage.look(await view());
  const { system, answer } = run.profile.prompts.direct;
  const words = fillPrompt(answer, withOptions(run.input));
  const { chat } = run.profile;
  const parts = [...opening(chat, system, [picture]), ...asking(chat, words)];
  const context = await stage.extend(null, parts);
  const { text } = yield* stage.write(context);
  yield stage.measured();
  yield* answered(run, text);
}

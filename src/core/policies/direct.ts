/** One view, one turn, one answer: what both baselines are. */
import { firstLook } from './first-look.ts';
import { answered, type Events, type Run } from './run.ts';

/** @param budget vision tokens at most */
export async function* answerDirectly(run: Run, kind: 'coarse' | 'full', budget: number): Events {
  const { system, answer: words } = run.profile.prompts.direct;
  const { stage, context } = yield* firstLook(run, { kind, budget, system, words });
  const { text } = yield* stage.write(context);
  yield stage.measured();
  yield* answered(run, text);
}

/** The baseline: the whole picture at its own resolution, capped like Qwen at 16384 tokens. */
import type { PolicyDefinition } from './definition.ts';
import { answerDirectly } from './direct.ts';
import { createPolicy, notice } from './run.ts';

export const fullResolution: PolicyDefinition = {
  name: 'full-resolution',
  label: 'Full resolution',
  description: 'One look at every pixel; what a model does without a plan.',
  run: createPolicy('full-resolution', async function* body(run) {
    const { cap = Infinity, budgets } = run.input;
    const budget = Math.min(cap, budgets.fullResolution);
    const { nativeTokens } = run.picture.info;
    if (nativeTokens > budget) {
      const message = `At its own resolution the picture costs ${nativeTokens} tokens; it is shown with at most ${budget}.`;
      yield notice('full-resolution-capped', message);
    }
    yield* answerDirectly(run, 'full', () => run.picture.view('full', run.viewing(budget)));
  }),
};

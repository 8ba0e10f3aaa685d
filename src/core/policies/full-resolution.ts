/**
 * The baseline: the whole picture at its own resolution, capped by the model's rules and by what
 * the device holds.
 */
import type { PolicyDefinition } from './definition.ts';
import { answerDirectly } from './direct.ts';
import { pictureTokensHeld } from './held.ts';
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
      const isHeld = budget === pictureTokensHeld(run.model.info);
      const cap = isHeld ? `${budget}, which this device is sure to hold` : `${budget}`;
      const message = `At its own resolution the picture costs ${nativeTokens} tokens; it is shown with at most ${cap}.`;
      yield notice('full-resolution-capped', message);
    }
    yield* answerDirectly(run, 'full', budget);
  }),
};

/** The cheap baseline: the small view and nothing else. */
import type { PolicyDefinition } from './definition.ts';
import { answerDirectly } from './direct.ts';
import { createPolicy } from './run.ts';

export const coarseOnly: PolicyDefinition = {
  name: 'coarse-only',
  label: 'Coarse only',
  description: 'One look at the small view; fast, and blind to detail.',
  opening: ({ profile, input }) => ({
    system: profile.prompts.direct.system,
    kind: 'coarse',
    budget: input.budgets.coarse,
  }),
  run: createPolicy('coarse-only', (run) =>
    answerDirectly(run, 'coarse', run.input.budgets.coarse),
  ),
};

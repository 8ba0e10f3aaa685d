import { describe, expect, it } from 'vitest';
import type { VisionLanguageModel } from '../contracts/model.ts';
import type { RunEvent } from '../run/events.ts';
import { foldRun, reportOf } from '../run/fold.ts';
import { coarseToFine } from './coarse-to-fine.ts';
import { scriptedModel, scriptedPicture } from './testing/scripted.ts';
import { TINY_PROFILE } from './testing/tiny-profile.ts';

const LOCATE = '<zoom>[28, 56, 128, 156]</zoom>';

async function runOn(model: VisionLanguageModel) {
  const picture = scriptedPicture({ width: 4000, height: 3000 });
  const input = { question: 'What?', options: [], budgets: TINY_PROFILE.budgets };
  const events: RunEvent[] = [];
  for await (const event of coarseToFine.run(input, { model, picture, now: () => 0 })) {
    events.push(event);
  }
  return reportOf(foldRun(events));
}

describe('tokens that are prefilled twice', () => {
  it('are none where the second look extends the first', async () => {
    const model = scriptedModel({ replies: [LOCATE, '<answer>a</answer>'] });
    const prefill = (await runOn(model))?.prefill;
    expect(prefill?.recomputed).toBe(0);
    expect(prefill?.reused).toBeGreaterThan(88);
  });

  it('are counted where the engine runs a whole context again', async () => {
    const model = scriptedModel({ replies: [LOCATE, '<answer>a</answer>'] });
    const forgetful: VisionLanguageModel = {
      ...model,
      extend: async (...given) => {
        const extended = await model.extend(...given);
        return { ...extended, prefilled: extended.length, reused: 0 };
      },
    };
    const report = await runOn(forgetful);
    const first = report?.stages[0];
    // The last token of the first look was chosen, but never run.
    const held = (await firstLength(LOCATE)) + (first?.generatedTokens ?? 0) - 1;
    expect(report?.prefill.recomputed).toBe(held);
    expect(first?.recomputed).toBe(0);
  });
});

/** Of the context that the first look generates from. */
async function firstLength(reply: string): Promise<number> {
  const report = await runOn(scriptedModel({ replies: [reply, '<answer>a</answer>'] }));
  return report?.stages[0]?.prefilled ?? 0;
}

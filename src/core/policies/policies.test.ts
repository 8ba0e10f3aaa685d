import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../errors.ts';
import { ErgoError } from '../errors.ts';
import type { RunEvent, RunEventType } from '../run/events.ts';
import { foldRun, reportOf } from '../run/fold.ts';
import { coarseToFine } from './coarse-to-fine.ts';
import type { Policy, RunInput } from './policy.ts';
import { POLICIES } from './registry.ts';
import { scriptedModel, scriptedPicture, type Script } from './testing/scripted.ts';
import { TINY_PROFILE } from './testing/tiny-profile.ts';

const NOTHING = { contexts: 0, pictures: 0 };
const LOCATE = '<think>left</think><zoom>[28, 56, 128, 156]</zoom>';
const ANSWER = '<think>a dog</think><answer>(B)</answer>';
/** 4000 x 3000 is seen as 308 x 224. */
const SIZE = { width: 4000, height: 3000 };
const INPUT: RunInput = {
  question: 'What is it?',
  options: ['cat', 'dog'],
  budgets: TINY_PROFILE.budgets,
};

function setUp(script: Script, size = SIZE) {
  const model = scriptedModel(script);
  const picture = scriptedPicture(size);
  let time = 0;
  const run = async (
    policy: Policy,
    input: Partial<RunInput> = {},
    { stopAfter, signal }: { stopAfter?: RunEventType; signal?: AbortSignal } = {},
  ): Promise<RunEvent[]> => {
    const events: RunEvent[] = [];
    const environment = { model, picture, now: () => time++, signal };
    for await (const event of policy({ ...INPUT, ...input }, environment)) {
      events.push(event);
      if (event.type === stopAfter) break;
    }
    return events;
  };
  return { model, picture, run };
}

/** Patches that wait in the engine for ever. */
const waiting = ({ model, picture }: Pick<ReturnType<typeof setUp>, 'model' | 'picture'>) =>
  picture.sent.filter((id) => ![...model.encoded, ...picture.discarded].includes(id));

const typesOf = (events: readonly RunEvent[]) =>
  events.map(({ type }) => type).filter((type) => type !== 'token');
const noticesOf = (events: readonly RunEvent[]) => foldRun(events).notices.map(({ code }) => code);

describe('coarse to fine', () => {
  it('looks twice, and the second look extends the first', async () => {
    const { model, picture, run } = setUp({ replies: [LOCATE, ANSWER] });
    const events = await run(coarseToFine.run);
    expect(model.prompts).toEqual([
      '<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n<coarse 88>What is it? Where?<|im_end|>\n<|im_start|>assistant\n',
      expect.stringMatching(
        /Where\?<\|im_end\|>\n<\|im_start\|>assistant\n<think>.*<\/zoom><\|im_end\|>\n<\|im_start\|>user\n<crop \d+>What is it\?\n\(A\) cat\n\(B\) dog<\|im_end\|>\n<\|im_start\|>assistant\n$/,
      ),
    ]);
    expect(picture.cuts).toEqual([
      { region: { frame: 'original', x: 363, y: 750, width: 1300, height: 1340 }, budget: 100 },
    ]);
    const look = 'stage-started picture-viewed picture-encoded prefilled generated stage-measured';
    expect(typesOf(events).join(' ')).toBe(
      `run-started ${look} region-predicted region-chosen ${look} answered run-finished`,
    );
    expect(model.alive()).toEqual(NOTHING);
  });

  it('cuts the region while the model still closes its tag, once', async () => {
    const { picture, run } = setUp({ replies: [LOCATE, ANSWER] });
    const events = await run(coarseToFine.run, {}, { stopAfter: 'generated' });
    expect(events.at(-1)).toMatchObject({ type: 'generated', stage: 'coarse' });
    expect(picture.cuts).toHaveLength(1);
    // Nobody came to look.
    expect(picture.discarded).toEqual([picture.sent[1]]);
    const whole = setUp({ replies: [LOCATE, ANSWER] });
    await whole.run(coarseToFine.run);
    expect(whole.picture.cuts).toEqual(picture.cuts);
    expect(whole.picture.discarded).toEqual([]);
  });

  it('reports the answer, the account and the reused prefix', async () => {
    const { run } = setUp({ replies: [LOCATE, ANSWER] });
    const report = reportOf(foldRun(await run(coarseToFine.run)));
    expect(report).toMatchObject({
      answer: '(B)',
      details: { letter: 'B', thinking: 'a dog' },
      visionTokens: { coarse: 88, crops: 100, total: 188, fullResolution: 15301 },
      regions: [{ x: 363, y: 750, width: 1300, height: 1340, source: 'model' }],
      notices: [],
    });
    const [coarse, crop] = report?.stages ?? [];
    expect(coarse?.reused).toBe(0);
    expect(crop?.reused).toBe((coarse?.prefilled ?? 0) + LOCATE.length);
    expect(report?.prefill.reused).toBe(crop?.reused);
  });

  it.each([
    ['<zoom>everything</zoom>', 'no region'],
    ['<zoom>[400, 10, 500, 60]</zoom>', 'outside'],
  ])('answers from the coarse view when the model writes %s', async (reply, reason) => {
    const { model, picture, run } = setUp({ replies: [reply, ANSWER] });
    const events = await run(coarseToFine.run);
    const report = reportOf(foldRun(events));
    expect(report?.answer).toBe('(B)');
    expect(report?.notices).toEqual([
      { code: 'region-fallback', message: expect.stringContaining(reason) },
    ]);
    expect(report?.regions).toEqual([]);
    expect(picture.cuts).toEqual([]);
    // The direct prompt after the picture, which is neither encoded nor prefilled again.
    expect(model.prompts[1]).toMatch(/<coarse 88>What is it\?\n\(A\) cat\n\(B\) dog At once\./);
    expect(model.prompts[1]).not.toContain('Where?');
    expect(model.log.filter((verb) => verb === 'encode')).toHaveLength(1);
    expect(report?.stages[1]).toMatchObject({ stage: 'coarse', visionTokens: 0 });
    expect(report?.stages[1]?.reused).toBeGreaterThan(88);
    expect(model.alive()).toEqual(NOTHING);
  });

  it('falls back under another system prompt without encoding again', async () => {
    const prompts = { ...TINY_PROFILE.prompts, direct: { system: 'T', answer: '{question}' } };
    const { model, run } = setUp({ replies: ['', 'dog'], profile: { ...TINY_PROFILE, prompts } });
    const events = await run(coarseToFine.run);
    expect(model.prompts[1]).toMatch(/^<\|im_start\|>system\nT.*\n.*\n<coarse 88>What is it/);
    expect(model.log.filter((verb) => verb === 'encode')).toHaveLength(1);
    expect(noticesOf(events)).toEqual(['region-fallback', 'answer-untagged']);
    expect(reportOf(foldRun(events))?.details.letter).toBe('B');
  });

  it('says when the answer is empty', async () => {
    const { run } = setUp({ replies: ['', '<think>a dog</think><answer> </answer>'] });
    const events = await run(coarseToFine.run);
    expect(noticesOf(events)).toEqual(['region-fallback', 'answer-empty']);
    expect(reportOf(foldRun(events))?.answer).toBe('');
  });

  it('says when it repaired a region or chose among several', async () => {
    const reply = '<zoom>[128, 156, 120, 150] [1, 2, 3, 4]</zoom>';
    const { run } = setUp({ replies: [reply, ANSWER] });
    const state = foldRun(await run(coarseToFine.run));
    expect(state.notices).toEqual([
      { code: 'region-extra', message: expect.stringContaining('[128, 156, 120, 150]') },
      { code: 'region-repaired', message: expect.stringContaining('grown') },
    ]);
    expect(state.predicted?.repairs).toEqual(['inverted', 'grown']);
  });

  it('looks once where everything costs no more than two looks, unless two are wanted', async () => {
    const small = { width: 300, height: 300 };
    const { model, picture, run } = setUp({ replies: [ANSWER, LOCATE, ANSWER] }, small);
    const one = foldRun(await run(coarseToFine.run));
    expect(reportOf(one)).toMatchObject({
      answer: '(B)',
      regions: [],
      visionTokens: { coarse: 0, crops: 0, total: 121, fullResolution: 121 },
      notices: [{ code: 'small-picture', message: expect.stringContaining('121 tokens') }],
    });
    expect(model.prompts[0]).toContain('<full 121>What is it?\n(A) cat\n(B) dog At once.');
    expect(picture.cuts).toEqual([]);
    const two = foldRun(await run(coarseToFine.run, { looks: 'two' }));
    expect(two.stages.map(({ name }) => name)).toEqual(['coarse', 'crop']);
    expect(two.notices).toEqual([]);
  });

  it.each([
    ['a pixel more than the looks would cost', { width: 420, height: 392 }, ['coarse', 'crop']],
    ['as many tokens as the looks would cost', { width: 392, height: 392 }, ['full']],
  ])('with %s', async (_, size, stages) => {
    const { run } = setUp({ replies: [LOCATE, ANSWER] }, size);
    const budgets = { ...TINY_PROFILE.budgets, crop: 96 };
    const state = foldRun(await run(coarseToFine.run, { budgets }));
    expect(state.stages.map(({ name }) => name)).toEqual(stages);
  });

  it('looks at two places each by itself where that shows more, for the price of one crop', async () => {
    const reply = '<zoom>[10, 10, 60, 60]</zoom><zoom>[240, 160, 290, 210]</zoom>';
    const { model, picture, run } = setUp({ replies: [reply, ANSWER] });
    const budgets = { ...TINY_PROFILE.budgets, crop: 256 };
    const report = reportOf(foldRun(await run(coarseToFine.run, { budgets })));
    expect(picture.cuts.slice(-2)).toMatchObject([
      { region: { x: 129, y: 133 }, budget: 128 },
      { region: { x: 3116, y: 2142 }, budget: 128 },
    ]);
    expect(model.prompts[1]).toMatch(/<crop \d+><crop \d+>What is it\?/);
    expect(report?.regions).toHaveLength(2);
    expect(report?.visionTokens.crops).toBeLessThanOrEqual(256);
    expect(report?.notices[0]?.message).toContain('2 places');
    expect(model.alive()).toEqual(NOTHING);
    // What was begun for the first of them alone is given back.
    expect(waiting({ model, picture })).toEqual([]);
  });

  it('asks again about a region drawn by hand, on a fork of the kept context', async () => {
    const { model, picture, run } = setUp({ replies: [LOCATE, ANSWER, 'one', 'two'] });
    const kept = (await run(coarseToFine.run, { keepContext: true })).find(
      (event) => event.type === 'context-kept',
    );
    expect(model.alive()).toEqual({ contexts: 1, pictures: 0 });
    const context = kept?.context ?? null;
    const region = { frame: 'original', x: 3900, y: -50, width: 300, height: 200 } as const;
    for (const answer of ['one', 'two']) {
      const state = foldRun(await run(coarseToFine.run, { hand: { region, context } }));
      expect(state.answer?.text).toBe(answer);
      expect(state.stages.map(({ name }) => name)).toEqual(['crop']);
      expect(state.regions).toMatchObject([{ source: 'hand' }]);
      expect(state.stages[0]?.measure?.reused).toBeGreaterThan(88);
      expect(model.alive()).toEqual({ contexts: 1, pictures: 0 });
    }
    // 40 coarse pixels are 520 of the original.
    expect(picture.cuts[1]?.region).toMatchObject({ x: 3480, y: 0, width: 520 });
    if (context) await model.release(context);
    expect(model.alive()).toEqual(NOTHING);
  });

  it('runs the coarse stage first when a drawn region comes without a context', async () => {
    const { model, run } = setUp({ replies: [LOCATE, ANSWER] });
    const region = { frame: 'original', x: 100, y: 100, width: 1000, height: 1000 } as const;
    const state = foldRun(await run(coarseToFine.run, { hand: { region, context: null } }));
    expect(state.stages.map(({ name }) => name)).toEqual(['coarse', 'crop']);
    expect(state.regions).toMatchObject([{ source: 'hand' }]);
    expect(model.alive()).toEqual(NOTHING);
  });
});

describe('the baselines', () => {
  it('look once at the whole picture', async () => {
    const { model, run } = setUp({ replies: [ANSWER, ANSWER] });
    const coarse = reportOf(foldRun(await run(POLICIES['coarse-only'].run)));
    const full = reportOf(foldRun(await run(POLICIES['full-resolution'].run)));
    expect(coarse?.visionTokens).toMatchObject({ coarse: 88, total: 88, fullResolution: 15301 });
    expect(full?.visionTokens).toMatchObject({ coarse: 0, total: 15301 });
    expect(full?.notices).toEqual([]);
    expect(model.prompts[1]).toContain('<full 15301>What is it?\n(A) cat\n(B) dog At once.');
    expect(model.alive()).toEqual(NOTHING);
  });

  it('say when full resolution was capped', async () => {
    const { run } = setUp({ replies: [ANSWER] });
    const budgets = { ...TINY_PROFILE.budgets, fullResolution: 4000 };
    const events = await run(POLICIES['full-resolution'].run, { budgets });
    expect(noticesOf(events)).toEqual(['full-resolution-capped']);
  });

  it('look once at a cap, and are compared with the look without it', async () => {
    const { run } = setUp({ replies: [ANSWER] });
    const report = reportOf(foldRun(await run(POLICIES['full-resolution'].run, { cap: 640 })));
    expect(report?.visionTokens).toMatchObject({ total: 609, fullResolution: 15301 });
  });
});

describe('on demand', () => {
  it('answers at once, or asks once for named crops at their own resolution', async () => {
    const { picture, run } = setUp({ replies: [ANSWER, "GET_CROPS: ['3', '0']", ANSWER] });
    const atOnce = foldRun(await run(POLICIES['on-demand'].run));
    expect(atOnce.stages.map(({ name }) => name)).toEqual(['coarse']);
    const asked = foldRun(await run(POLICIES['on-demand'].run));
    expect(asked.stages.map(({ name }) => name)).toEqual(['coarse', 'crop']);
    expect(picture.cuts.map(({ region }) => [region.x, region.y, region.width])).toEqual([
      [2000, 1500, 2000],
      [0, 0, 2000],
    ]);
    expect(asked.answer?.letter).toBe('B');
  });

  it('gives each crop no more than its budget, and no more than its pixels', async () => {
    const { picture, run } = setUp({ replies: ["GET_CROPS: ['3', '0']", ANSWER] });
    const budgets = { ...TINY_PROFILE.budgets, demandCrop: 640 };
    const report = reportOf(foldRun(await run(POLICIES['on-demand'].run, { budgets })));
    expect(picture.cuts.map(({ budget }) => budget)).toEqual([640, 640]);
    expect(report?.visionTokens.crops).toBeLessThanOrEqual(1280);
    const small = setUp({ replies: ["GET_CROPS: ['3']", ANSWER] }, { width: 800, height: 600 });
    await small.run(POLICIES['on-demand'].run, { budgets });
    expect(small.picture.cuts.map(({ budget }) => budget)).toEqual([14 * 11]);
  });

  it('cuts crops with the margin of the manifest, inside the picture', async () => {
    const region = { ...TINY_PROFILE.region, demandMargin: 0.05 };
    const profile = { ...TINY_PROFILE, region };
    const { picture, run } = setUp({ replies: ["GET_CROPS: ['3', '5']", ANSWER], profile });
    await run(POLICIES['on-demand'].run);
    expect(picture.cuts.map(({ region: r }) => [r.x, r.y, r.width, r.height])).toEqual([
      [1800, 1350, 2200, 1650],
      [0, 0, 4000, 1650],
    ]);
  });

  it('fails for a model that was not taught it', async () => {
    const { onDemand: _, ...prompts } = TINY_PROFILE.prompts;
    const { run } = setUp({ replies: [], profile: { ...TINY_PROFILE, prompts } });
    const state = foldRun(await run(POLICIES['on-demand'].run));
    expect(state.error?.code).toBe('model-unsupported');
  });
});

describe('every policy', () => {
  const names = ['coarse-to-fine', 'full-resolution', 'coarse-only', 'on-demand'] as const;
  const replies = [LOCATE, ANSWER];

  it.each(names)(
    '%s: a failure of any call ends in run-failed and frees everything',
    async (name) => {
      const { model } = setUp({ replies });
      await setUp({ replies }).run(POLICIES[name].run);
      for (let failing = 0; failing < 8; failing++) {
        let calls = 0;
        const code: ErrorCode = 'out-of-memory';
        const set = setUp({
          replies,
          before: () => {
            if (calls++ === failing) throw new ErgoError(code, 'No memory.');
          },
        });
        const events = await set.run(POLICIES[name].run);
        const last = events.at(-1);
        const outcome = last?.type === 'run-failed' ? last.error.code : last?.type;
        expect(outcome).toBe(calls > failing ? code : 'run-finished');
        expect(set.model.alive()).toEqual(NOTHING);
        expect(waiting(set)).toEqual([]);
      }
      expect(model.alive()).toEqual(NOTHING);
    },
  );

  it.each(names)(
    '%s: a cancel at any event ends in cancelled and frees everything',
    async (name) => {
      const whole = await setUp({ replies }).run(POLICIES[name].run);
      for (let at = 0; at < whole.length - 2; at += 1) {
        const controller = new AbortController();
        const { model, picture } = setUp({ replies });
        const events: RunEvent[] = [];
        const environment = { model, picture, now: () => 0, signal: controller.signal };
        for await (const event of POLICIES[name].run(INPUT, environment)) {
          events.push(event);
          if (events.length > at) controller.abort();
        }
        const last = events.at(-1);
        // A cancel after the last call of the model comes too late to matter.
        const outcome = last?.type === 'run-failed' ? last.error.code : last?.type;
        expect(outcome).toMatch(/^(cancelled|run-finished)$/);
        expect(model.alive()).toEqual(NOTHING);
        expect(waiting({ model, picture })).toEqual([]);
      }
    },
  );

  it.each(['stage-started', 'picture-viewed', 'token', 'answered'] as const)(
    'frees everything when the reader leaves at %s',
    async (stopAfter) => {
      for (const name of names) {
        const set = setUp({ replies });
        await set.run(POLICIES[name].run, {}, { stopAfter });
        expect(set.model.alive()).toEqual(NOTHING);
        expect(waiting(set)).toEqual([]);
      }
    },
  );

  it('says when a slower device is used and when the text was cut off', async () => {
    const { run } = setUp({ replies, fallbackReason: 'No WebGPU here.' });
    const events = await run(POLICIES['coarse-only'].run, { maxNewTokens: 5 });
    expect(foldRun(events).notices).toMatchObject([
      { code: 'device-fallback', message: 'No WebGPU here.' },
      { code: 'text-truncated' },
      { code: 'answer-untagged' },
    ]);
  });
});

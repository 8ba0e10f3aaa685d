/** Checkpoints as they are, asked in their family's manner: every policy without any training. */
import { describe, expect, it } from 'vitest';
import type { ModelFamily, ModelProfile } from '../../core/contracts/profile.ts';
import type { RunInput } from '../../core/policies/policy.ts';
import { POLICIES } from '../../core/policies/registry.ts';
import {
  scriptedModel,
  scriptedPicture,
  type Script,
} from '../../core/policies/testing/scripted.ts';
import type { PolicyName, RunEvent } from '../../core/run/events.ts';
import { foldRun, reportOf } from '../../core/run/fold.ts';
import { profileOfCheckpoint } from './registry.ts';
import { EXAMPLES } from './testing.ts';

const SIZE = { width: 8000, height: 6000 };
const stock = (family: ModelFamily, id = 'owner/name') =>
  profileOfCheckpoint(EXAMPLES[family], { id });

/** How each family writes the middle of the picture; Qwen2.5-VL saw 1148 x 868 pixels. */
const MIDDLE = {
  'qwen2-vl': '<|box_start|>(400,400),(600,600)<|box_end|>',
  'qwen2.5-vl': '```json\n[{"bbox_2d": [459, 347, 689, 521], "label": "sign"}]\n```',
  'qwen3-vl': '{"bbox_2d": [400, 400, 600, 600], "label": "sign"}',
  'qwen3.5': '{"bbox_2d": [400, 400, 600, 600], "label": "sign"}',
} as const;

async function run(
  policy: PolicyName,
  profile: ModelProfile,
  script: Partial<Script> & Pick<Script, 'replies'>,
  input: Partial<RunInput> = {},
) {
  const model = scriptedModel({ ...script, profile });
  const picture = scriptedPicture(SIZE, profile.image);
  const events: RunEvent[] = [];
  const asked = { question: 'What is on the sign?', options: [], budgets: profile.budgets };
  const environment = { model, picture, now: () => 0 };
  for await (const event of POLICIES[policy].run({ ...asked, ...input }, environment)) {
    events.push(event);
  }
  expect(model.alive()).toEqual({ contexts: 0, pictures: 0 });
  const state = foldRun(events);
  const notices = state.notices.map(({ code }) => code);
  return { state, notices, report: reportOf(state), model, picture };
}

describe('two looks without training', () => {
  it.each(Object.keys(MIDDLE) as ModelFamily[])('%s', async (family) => {
    const profile = stock(family);
    const { report, notices, model, picture } = await run('coarse-to-fine', profile, {
      replies: [MIDDLE[family], 'Bakery'],
    });
    expect(report).toMatchObject({ answer: 'Bakery', prefill: { recomputed: 0 } });
    expect(notices).toEqual([]);
    expect(report?.prefill.reused).toBeGreaterThan(0);
    const [region] = report?.regions ?? [];
    // A fifth of the picture, and a margin of a fifth on every side.
    expect(region?.width).toBeCloseTo(2240, -2);
    expect(region?.x).toBeCloseTo(2880, -2);
    expect(picture.cuts[0]?.budget).toBe(profile.budgets.crop);
    const { defaultSystem, replyPrefix, laterLook } = profile.chat;
    const [first = '', second = ''] = model.prompts;
    const system = defaultSystem ? `<|im_start|>system\n${defaultSystem}<|im_end|>\n` : '';
    expect(first.startsWith(`${system}<|im_start|>user\n<coarse `)).toBe(true);
    expect(first).toContain('"bbox_2d"');
    expect(first.endsWith(`<|im_start|>assistant\n${replyPrefix}`)).toBe(true);
    const wrapped = laterLook === 'tool-response' ? '<tool_response>\n' : '';
    expect(second.slice(first.length)).toMatch(
      `${MIDDLE[family]}<|im_end|>\n<|im_start|>user\n${wrapped}<crop `,
    );
  });

  it('cut ahead in JSON too, once', async () => {
    const { picture, model } = await run('coarse-to-fine', stock('qwen3.5'), {
      replies: [MIDDLE['qwen3.5'], 'Bakery'],
    });
    expect(picture.cuts).toHaveLength(1);
    expect(model.encoded).toEqual(picture.sent);
  });

  it('look at each of several places, and what was cut for the first one alone is given back', async () => {
    const two = `[${MIDDLE['qwen3.5']}, {"bbox_2d": [700, 700, 750, 750], "label": "door"}]`;
    const { picture, notices, report } = await run('coarse-to-fine', stock('qwen3.5'), {
      replies: [two, 'Bakery'],
    });
    expect(notices).toEqual(['region-extra']);
    expect(picture.cuts).toHaveLength(3);
    expect(picture.discarded).toEqual([picture.sent[1]]);
    expect(report?.regions).toHaveLength(2);
  });

  it('enlarge a small region to 256 tokens and no further', async () => {
    const small = '{"bbox_2d": [500, 500, 502, 503]}';
    const { picture } = await run('coarse-to-fine', stock('qwen3.5'), { replies: [small, 'x'] });
    expect(picture.cuts[0]?.budget).toBe(256);
    // 32 pixels of a coarse view 1152 wide, in original ones.
    expect(picture.cuts[0]?.region.width).toBeGreaterThanOrEqual(Math.floor((32 * 8000) / 1152));
  });

  it('take an answer instead of a box for the answer, without a second look', async () => {
    const { report, notices } = await run('coarse-to-fine', stock('qwen3-vl'), {
      replies: ['It says Bakery.'],
    });
    expect(report?.answer).toBe('It says Bakery.');
    expect(report?.stages).toHaveLength(1);
    expect(notices).toEqual(['answered-at-once']);
  });

  it.each([
    ['an answer that could not know the options', 'It says Bakery.', ['Bakery', 'Bank']],
    ['a list without a box', '{"bbox_2d": []}', []],
    ['a box in other units', '{"bbox_2d": [0.4, 0.4, 0.6, 0.6]}', []],
    ['a box that was cut off', '{"bbox_2d": [400, 40', []],
    ['nothing', '', []],
  ])('fall back to the coarse view after %s', async (_, reply, options) => {
    const script = { replies: [reply, 'Bakery'] };
    const result = await run('coarse-to-fine', stock('qwen3.5'), script, { options });
    expect(result.notices).toEqual(['region-fallback']);
    expect(result.report?.answer).toBe('Bakery');
    expect(result.picture.cuts).toEqual([]);
  });
});

describe('the other policies with stock models', () => {
  it.each(['coarse-only', 'full-resolution'] as const)(
    '%s: plain text is the answer',
    async (name) => {
      const { report, notices } = await run(name, stock('qwen3-vl'), { replies: ['Bakery'] });
      expect(report?.answer).toBe('Bakery');
      expect(notices).toEqual(name === 'full-resolution' ? ['full-resolution-capped'] : []);
    },
  );

  it('cap the baseline to what the device holds, and say so', async () => {
    const holds = { context: 8192, picture: 1397 };
    const { report, state } = await run('full-resolution', stock('qwen3-vl'), {
      replies: ['Bakery'],
      holds,
    });
    expect(report?.visionTokens.total).toBeLessThanOrEqual(1397);
    expect(report?.visionTokens.fullResolution).toBe(report?.visionTokens.total);
    expect(state.notices[0]?.message).toMatch(/at most 1397, which this device is sure to hold/);
  });

  it('on demand is refused: nobody taught them to ask for crops by name', async () => {
    const { state } = await run('on-demand', stock('qwen3.5'), { replies: [] });
    expect(state.error).toMatchObject({ code: 'model-unsupported' });
  });

  it('ERGO-7B writes tags, and a text without them gets its notice', async () => {
    const ergo = stock('qwen2.5-vl', 'nota-ai/ERGO-7B');
    const zoom = '<think>there</think><zoom>[459, 347, 689, 521]</zoom>';
    const { notices, report, picture } = await run('coarse-to-fine', ergo, {
      replies: [zoom, 'Bakery'],
    });
    expect(notices).toEqual(['answer-untagged']);
    expect(report?.regions[0]?.width).toBeCloseTo(1600, -2);
    expect(picture.cuts[0]?.budget).toBe(1280);
  });
});

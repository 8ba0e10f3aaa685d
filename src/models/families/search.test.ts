/** Search with the profiles of the two families whose tool calls differ, read from their own files. */
import { describe, expect, it } from 'vitest';
import type { ModelFamily } from '../../core/contracts/profile.ts';
import type { RunInput } from '../../core/policies/policy.ts';
import { POLICIES } from '../../core/policies/registry.ts';
import { scriptedModel, scriptedPicture } from '../../core/policies/testing/scripted.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import { foldRun, reportOf } from '../../core/run/fold.ts';
import type { RunEvent } from '../../core/run/events.ts';
import { profileOfCheckpoint } from './registry.ts';
import { EXAMPLES } from './testing.ts';

type Call = (corners: readonly number[], picture?: number) => string;

/** As Qwen2.5-VL and Qwen3-VL write it. */
const json: Call = (bbox_2d, img_idx = 0) =>
  `I look closer.\n<tool_call>\n${JSON.stringify({
    name: 'image_zoom_in_tool',
    arguments: { bbox_2d, label: 'tag', img_idx },
  })}\n</tool_call>`;
/** As Qwen3.5 writes it. */
const xml: Call = (corners, picture = 0) =>
  `<tool_call>\n<function=image_zoom_in_tool>\n<parameter=bbox_2d>\n[${corners.join(', ')}]\n</parameter>\n<parameter=img_idx>\n${picture}\n</parameter>\n</function>\n</tool_call>`;

const SIZE = { width: 4000, height: 3000 };
const NOTHING = { contexts: 0, pictures: 0 };

function setUp(family: ModelFamily, replies: readonly string[]) {
  const profile = profileOfCheckpoint(EXAMPLES[family], { id: 'owner/name' });
  const model = scriptedModel({ replies, profile });
  const picture = scriptedPicture(SIZE, profile.image);
  const run = async (change: Partial<RunInput> = {}) => {
    const { budgets } = profile;
    const input = { question: 'What does it say?', options: [], budgets, ...change };
    const events: RunEvent[] = [];
    for await (const event of POLICIES.search.run(input, { model, picture, now: () => 0 })) {
      events.push(event);
    }
    expect(model.alive()).toEqual(NOTHING);
    const state = foldRun(events);
    return { state, report: reportOf(state) };
  };
  return { model, picture, run, profile };
}

/** The same eighth of the picture, in the units of the family. */
describe.each([
  ['qwen2.5-vl', json, [574, 420, 861, 630], [100, 100, 500, 400]],
  ['qwen3.5', xml, [500, 500, 750, 750], [100, 100, 500, 400]],
] as const)('search with %s', (family, call, corners, inner) => {
  it('looks where the model asks, each time in the original, in one growing context', async () => {
    const replies = [call(corners), call(inner, 1), 'KR47'];
    const { model, picture, run, profile } = setUp(family, replies);
    const { report } = await run();
    expect(report).toMatchObject({ answer: 'KR47', policy: 'search' });
    expect(report?.stages.map(({ stage }) => stage)).toEqual(['coarse', 'crop', 'crop']);
    expect(report?.notices).toEqual([]);
    // Each look goes on from all that came before it.
    const [first, second, third] = report?.stages ?? [];
    expect(second?.reused).toBeGreaterThanOrEqual(
      (first?.prefilled ?? 0) + (replies[0]?.length ?? 0),
    );
    expect(third?.reused).toBeGreaterThanOrEqual(
      (second?.reused ?? 0) + (second?.prefilled ?? 0) + (replies[1]?.length ?? 0),
    );
    expect(report?.prefill.recomputed).toBe(0);
    expect(model.log.filter((verb) => verb === 'encode')).toHaveLength(3);
    // About the middle of the picture, with the family's margin; then a part of that.
    const [outer, inside] = picture.cuts.map(({ region }) => region);
    const margin = profile.region.margin;
    expect(outer?.x).toBeCloseTo(2000 - margin * 1000, -2);
    expect(outer?.width).toBeCloseTo((1 + 2 * margin) * 1000, -2);
    expect(inside?.x).toBeGreaterThanOrEqual(outer?.x ?? Infinity);
    expect(inside?.width).toBeLessThan(outer?.width ?? 0);
    const tokens = report?.stages.map(({ visionTokens }) => visionTokens) ?? [];
    expect(report?.visionTokens.total).toBe(tokens.reduce((sum, one) => sum + one, 0));
  });

  it('tells the model of its tool and keeps its words', async () => {
    const { model, run } = setUp(family, [call(corners), 'KR47']);
    await run();
    expect(model.prompts[0]).toContain('image_zoom_in_tool');
    expect(model.prompts[1]).toContain(call(corners));
    expect(model.prompts[1]).toMatch(/<crop \d+>/);
  });

  it('answers at once where the model sees enough', async () => {
    const { picture, run } = setUp(family, ['<answer>KR47</answer>']);
    expect((await run()).report).toMatchObject({ answer: 'KR47', regions: [], notices: [] });
    expect(picture.cuts).toEqual([]);
  });

  it.each([
    ['the same region again', [corners, corners], 'had seen', 1],
    ['nearly the same region', [corners, corners.map((value) => value + 2)], 'had seen', 1],
    ['the whole picture', [[0, 0, 5000, 5000]], 'had seen', 0],
    ['a place outside', [[-300, -300, -200, -200]], 'there is not', 0],
    ['no numbers', [[]], 'there is not', 0],
  ])('ends with an answer when it asks for %s', async (_, asked, reason, cuts) => {
    const replies = [...asked.map((region) => call(region)), '<answer>KR47</answer>'];
    const { model, picture, run } = setUp(family, replies);
    const { report } = await run();
    expect(report?.answer).toBe('KR47');
    expect(report?.notices).toEqual([
      { code: 'search-ended', message: expect.stringContaining(reason) },
    ]);
    expect(picture.cuts).toHaveLength(cuts);
    expect(report?.regions).toHaveLength(cuts);
    // The answer turn shows nothing new, and says that nothing will be shown.
    expect(report?.stages.at(-1)).toMatchObject({ visionTokens: 0 });
    expect(model.prompts.at(-1)).toContain('Answer now');
  });

  it('ends with an answer when it asks for a picture that was never shown', async () => {
    const { run } = setUp(family, [call(corners, 3), 'KR47']);
    expect((await run()).report?.notices[0]?.code).toBe('search-ended');
  });

  it.each([1, 2, 4])('makes %i looks at most', async (maxLooks) => {
    const steps = [0, 1, 2, 3, 4, 5].map((step) => [10 + 90 * step, 10, 90 + 90 * step, 90]);
    const replies = [...steps.slice(0, maxLooks).map((region) => call(region)), 'KR47'];
    const { picture, run } = setUp(family, replies);
    const { report } = await run({ maxLooks });
    expect(picture.cuts).toHaveLength(maxLooks - 1);
    expect(report?.answer).toBe('KR47');
    expect(report?.notices[0]?.message).toContain('more looks');
  });
});

it('search is refused for a model that was not taught a tool', async () => {
  const model = scriptedModel({ replies: [] });
  const picture = scriptedPicture(SIZE);
  const { budgets } = TINY_PROFILE;
  const input = { question: 'What?', options: [], budgets };
  const events: RunEvent[] = [];
  for await (const event of POLICIES.search.run(input, { model, picture, now: () => 0 })) {
    events.push(event);
  }
  expect(foldRun(events).error?.code).toBe('model-unsupported');
  expect(model.log).toEqual([]);
});

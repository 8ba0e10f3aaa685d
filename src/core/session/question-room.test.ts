import { expect, it } from 'vitest';
import { scriptedModel } from '../policies/testing/scripted.ts';
import { POLICIES } from '../policies/registry.ts';
import type { PolicyName } from '../run/events.ts';
import { questionRoom } from './question-room.ts';

const holds = { context: 8000, picture: 8000 };
const { info } = scriptedModel({ replies: [], holds });
const { budgets, maxNewTokens } = info.profile;

it('is what is left beside pictures and replies, for as often as the question is read', () => {
  const room = questionRoom(info, 'coarse-to-fine', budgets);
  const all = 2 * (room + maxNewTokens) + budgets.coarse + budgets.crop + 600;
  expect(all).toBeLessThanOrEqual(8000);
  expect(all).toBeGreaterThan(7990);
  expect(questionRoom(info, 'coarse-only', budgets)).toBeGreaterThan(2 * room);
});

it.each(Object.keys(POLICIES) as PolicyName[])('is never less than nothing: %s', (policy) => {
  const little = { ...info, holds: { context: 100, picture: 100 } };
  expect(questionRoom(little, policy, budgets)).toBe(0);
  expect(questionRoom(info, policy, { ...budgets, fullResolution: 400 })).toBeGreaterThan(0);
});

import { describe, expect, it } from 'vitest';
import { hasCode } from '../errors.ts';
import { TINY_PROFILE } from '../policies/testing/tiny-profile.ts';
import { parsePrompts, withPrompts } from './prompts.ts';

describe('prompts of a person', () => {
  it('take the place of the model’s own, one by one', () => {
    const changes = parsePrompts({
      replies: 'plain',
      coarseToFine: { locate: 'Box for {question} as {"bbox_2d": [x1, y1, x2, y2]}' },
      direct: { system: '' },
    });
    const { prompts, replies } = withPrompts(TINY_PROFILE, changes);
    expect(replies).toBe('plain');
    expect(prompts).toEqual({
      ...TINY_PROFILE.prompts,
      coarseToFine: {
        system: 'S',
        locate: 'Box for {question} as {"bbox_2d": [x1, y1, x2, y2]}',
        answer: '{question}',
      },
      direct: { system: '', answer: '{question} At once.' },
    });
    expect(withPrompts(TINY_PROFILE, parsePrompts({}))).toEqual(TINY_PROFILE);
  });

  it.each([
    [{ direct: { answer: 'Answer it.' } }, /direct\.answer lacks \{question\}/],
    [{ coarseToFine: { locate: '{question} {options}' } }, /other than \{question\}/],
    [{ coarseToFine: { zoom: '{question}' } }, /coarseToFine.*zoom/],
    [{ replies: 'loud' }, /replies/],
    ['x', /Prompts: /],
  ])('are refused with the place of the problem: %j', (json, message) => {
    expect(() => parsePrompts(json)).toThrow(message);
    expect(() => parsePrompts(json)).toThrow(
      expect.toSatisfy((error: unknown) => hasCode(error, 'bad-request')),
    );
  });

  it('teach a model on demand only as a whole', () => {
    const { onDemand: _, ...prompts } = TINY_PROFILE.prompts;
    const untaught = { ...TINY_PROFILE, prompts };
    const half = parsePrompts({ onDemand: { first: '{question}' } });
    expect(() => withPrompts(untaught, half)).toThrow(/all of them are needed/);
    const whole = parsePrompts({ onDemand: { first: '{question}', second: '{question}' } });
    expect(withPrompts(untaught, whole).prompts.onDemand).toMatchObject({ system: '' });
  });
});

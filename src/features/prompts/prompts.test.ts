import { describe, expect, it } from 'vitest';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import { parsePrompts, withPrompts } from '../../core/protocol/prompts.ts';
import { changesOf, fieldsOf, flat, problemIn } from './fields.ts';

describe('the prompts of a model as a form', () => {
  const own = flat(TINY_PROFILE.prompts);

  it('have a field for each, and none for what it was not taught', () => {
    expect(fieldsOf(TINY_PROFILE.prompts).map(({ key }) => key)).toEqual(Object.keys(own));
    const { onDemand: _, ...taught } = TINY_PROFILE.prompts;
    expect(fieldsOf(taught).some(({ key }) => key.startsWith('onDemand'))).toBe(false);
  });

  it('give back what differs, as the model takes it', () => {
    expect(changesOf(own, own)).toBeNull();
    const changes = changesOf({ ...own, 'coarseToFine.locate': 'Box? {question}' }, own);
    expect(changes).toEqual({ coarseToFine: { locate: 'Box? {question}' } });
    const profile = withPrompts(TINY_PROFILE, parsePrompts(changes));
    expect(flat(profile.prompts)).toEqual({ ...own, 'coarseToFine.locate': 'Box? {question}' });
  });

  it('say what is wrong with a field', () => {
    const fields = fieldsOf(TINY_PROFILE.prompts);
    const problems = fields.map((field) => problemIn(field, 'no place {for} it'));
    expect(problems.filter(Boolean)).toHaveLength(fields.filter(({ asks }) => asks).length);
    expect(problemIn({ key: 'x', label: 'x', asks: true }, '{question} {options}')).toContain(
      '{options}',
    );
  });
});

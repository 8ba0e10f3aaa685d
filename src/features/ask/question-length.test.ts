import { expect, it } from 'vitest';
import { lengthTold } from './question-length.tsx';

it('tells the length of a question near its limit and above it, and not before', () => {
  expect(lengthTold(799, 1000)).toBeNull();
  expect(lengthTold(900, 1000)).toBe('900 tokens of about 1,000 that fit.');
  expect(lengthTold(1200, 1000)).toContain('too long: 1,200 tokens, and about 1,000 fit');
});

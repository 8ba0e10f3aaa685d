import { describe, expect, it } from 'vitest';
import { readLink } from './link.ts';

describe('a link', () => {
  it.each(['', '?device=wasm&hub=https://a.b', '#/', '#/benchmark', '#/?x=1'])(
    'without a picture, as %j, is left alone',
    (text) => {
      const [search = '', hash = ''] = text.startsWith('#') ? ['', text] : [text];
      expect(readLink(search, hash)).toBeNull();
    },
  );

  it('brings a picture, a question, and whether to ask it', () => {
    const link = { picture: 'https://a.b/c.jpg?x=1', question: 'What is it?', run: false };
    const text = new URLSearchParams({ picture: link.picture, question: link.question }).toString();
    expect(readLink(`?${text}`, '')).toEqual(link);
    expect(readLink(`?device=wasm&${text}&run=0`, '#/')).toEqual(link);
    expect(readLink(`?${text}&run=1`, '')).toEqual({ ...link, run: true });
    expect(readLink('', `#/?${text}&run=1`)).toEqual({ ...link, run: true });
    expect(readLink('?picture=a.jpg', '')).toEqual({ picture: 'a.jpg', question: '', run: false });
  });

  it.each([
    ['?question=What', 'names no picture'],
    ['?picture=&run=1&question=a', 'names no picture'],
    ['?picture=a.jpg&run=yes', 'run=yes can be 1 only'],
    ['?picture=a.jpg&run=1', 'needs a question'],
    ['?picture=a.jpg&run=1&question=%20', 'needs a question'],
    ['?picture=a.jpg&picture=b.jpg', 'picture stands in it more than once'],
    ['?picture=a.jpg&question=a&question=b', 'question stands'],
    [`?picture=a.jpg&question=${'x'.repeat(2001)}`, 'longer than 2000'],
  ])('that says %s is refused', (search, reason) => {
    expect(() => readLink(search, '')).toThrow(reason);
    expect(() => readLink(search, '')).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});

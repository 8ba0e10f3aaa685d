import { describe, expect, it } from 'vitest';
import { dropped, pasted, type Parcel } from './brought.ts';

const photo = new File(['x'], 'my photo.jpg', { type: 'image/jpeg' });
const other = new File(['x'], 'b.png', { type: 'image/png' });

const parcel = (parts: Partial<Parcel>): Parcel => ({
  files: [],
  entries: [],
  text: '',
  html: '',
  uris: '',
  ...parts,
});

describe('a paste', () => {
  // What file managers and browsers put beside the file that they copy.
  const alongside: readonly (readonly [string, Partial<Parcel>])[] = [
    ['nothing', {}],
    ['a name', { text: 'my photo.jpg' }],
    ['a path', { text: '/home/me/my photo.jpg\n' }],
    ['a path of Windows', { text: 'C:\\Users\\me\\my photo.jpg' }],
    ['a file URL', { text: 'file:///home/me/my%20photo.jpg' }],
    [
      'an element and its address',
      { html: '<meta charset="utf-8"><img src="https://a.b/c">', text: 'https://a.b/c' },
    ],
  ];
  for (const [what, parts] of alongside) {
    it(`takes a copied file that brings ${what}, also in the question`, () => {
      for (const isIntoField of [true, false]) {
        const brought = pasted(parcel({ files: [photo], ...parts }), isIntoField);
        expect(brought).toEqual({ kind: 'files', files: [photo] });
      }
    });
  }

  it('takes several copied files with their paths', () => {
    const text = '/a/my photo.jpg\r\n/a/b.png';
    expect(pasted(parcel({ files: [photo, other], text }), true).kind).toBe('files');
  });

  it('leaves copied words to the question, although their picture comes along', () => {
    const words = parcel({ files: [other], text: 'What is b.png?', html: '<p>What is b.png?</p>' });
    expect(pasted(words, true)).toEqual({ kind: 'nothing' });
    const cell = parcel({ files: [other], text: '12\t13', html: '<td>12</td><td>13</td>' });
    expect(pasted(cell, true)).toEqual({ kind: 'nothing' });
  });

  it('takes the picture of copied words where nothing can be written', () => {
    expect(pasted(parcel({ files: [other], text: 'What?' }), false).kind).toBe('files');
  });

  it('leaves mere words alone', () => {
    expect(pasted(parcel({ text: 'What?' }), false)).toEqual({ kind: 'nothing' });
  });
});

describe('a drop', () => {
  it('takes files, whatever comes along, also onto the question', () => {
    const parts = { files: [photo, other], text: 'words', html: '<p>words</p>' };
    for (const isIntoField of [true, false]) {
      const brought = dropped(parcel(parts), isIntoField);
      expect(brought).toEqual({ kind: 'files', files: [photo, other] });
    }
  });

  it('takes a folder, and files beside it', () => {
    const entries = [
      { name: 'a', isDirectory: true },
      { name: 'b.png', isDirectory: false },
    ];
    expect(dropped(parcel({ files: [photo], entries }), false)).toEqual({
      kind: 'folder',
      entries,
    });
  });

  it('leaves words to the field that they fall on, and other words alone', () => {
    expect(dropped(parcel({ text: 'words' }), true)).toEqual({ kind: 'nothing' });
    expect(dropped(parcel({ text: 'words' }), false)).toEqual({ kind: 'nothing' });
    expect(dropped(parcel({ text: 'https://a.b/c.jpg' }), true)).toEqual({ kind: 'nothing' });
  });
});

describe('an address', () => {
  const cat = 'https://a.example/cat.jpg?a=1&b=2';
  const shapes: readonly (readonly [string, Partial<Parcel>, string])[] = [
    ['an address list', { uris: `# from a page\r\n${cat}\r\nhttps://a.b/` }, cat],
    ['text', { text: ` ${cat}\n` }, cat],
    [
      'an element in a link',
      {
        uris: 'https://a.example/article',
        html: '<a href="https://a.example/article"><img alt="" src="https://a.example/cat.jpg?a=1&amp;b=2"></a>',
      },
      cat,
    ],
    ['an element in single quotes', { html: "<img class=x src='https://a.b/c'>" }, 'https://a.b/c'],
    ['an element without quotes', { html: '<img src=https://a.b/c>' }, 'https://a.b/c'],
    ['data', { html: '<img src="data:image/png;base64,AA==">' }, 'data:image/png;base64,AA=='],
    ['a path', { uris: 'file:///home/me/a.jpg' }, 'file:///home/me/a.jpg'],
  ];
  for (const [what, parts, address] of shapes) {
    it(`is found in ${what}, dropped or pasted`, () => {
      expect(dropped(parcel(parts), false)).toEqual({ kind: 'address', address });
      expect(pasted(parcel(parts), false)).toEqual({ kind: 'address', address });
    });
  }

  it('in words, or of another kind, is none', () => {
    for (const text of ['see https://a.b/c', 'mailto:me@a.b', 'javascript:alert(1)', 'a.b/c']) {
      expect(pasted(parcel({ text }), false)).toEqual({ kind: 'nothing' });
    }
  });

  it('that is pasted into the question stays text', () => {
    expect(pasted(parcel({ text: cat }), true)).toEqual({ kind: 'nothing' });
  });
});

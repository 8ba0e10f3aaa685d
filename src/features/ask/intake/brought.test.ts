import { describe, expect, it } from 'vitest';
import { dropped, pasted, type Parcel } from './brought.ts';

const photo = new File(['x'], 'my photo.jpg', { type: 'image/jpeg' });
const other = new File(['x'], 'b.png', { type: 'image/png' });

const parcel = (parts: Partial<Parcel>): Parcel => ({
  files: [],
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
  it('takes files, whatever comes along', () => {
    const parts = { files: [photo, other], text: 'words', html: '<p>words</p>' };
    expect(dropped(parcel(parts))).toEqual({ kind: 'files', files: [photo, other] });
  });

  it('leaves dropped words to the field that they fall on', () => {
    expect(dropped(parcel({ text: 'words' }))).toEqual({ kind: 'nothing' });
  });
});

import { describe, expect, it } from 'vitest';
import { filesOf, foundIn, listPictures, type Entry } from './listing.ts';

const file = (name: string, type = ''): File => new File(['x'], name, { type });
const found = (...paths: string[]) =>
  paths.map((path) => ({ file: file(path.split('/').at(-1) ?? ''), path }));
const names = (files: readonly File[]) => files.map(({ name }) => name);

/** As browsers do: a reader hands out parts, and an empty one at the end. */
function folder(name: string, children: readonly Entry[], part = 2): Entry {
  return Object.assign(
    { name, isDirectory: true },
    {
      createReader() {
        let at = 0;
        return {
          readEntries(done: (entries: Entry[]) => void) {
            done(children.slice(at, at + part));
            at += part;
          },
        };
      },
    },
  );
}

function entry(name: string, isReadable = true): Entry {
  return Object.assign(
    { name, isDirectory: false },
    {
      file(done: (file: File) => void, failed: (error: unknown) => void) {
        if (isReadable) done(file(name));
        else failed(new DOMException('gone', 'NotFoundError'));
      },
    },
  );
}

describe('many files', () => {
  it('are offered as people count, each folder together', () => {
    const { pictures } = listPictures(
      found('a/10.jpg', 'b/1.png', 'a/9.JPG', 'a/2.webp', 'a/b/3.avif'),
    );
    expect(names(pictures)).toEqual(['2.webp', '9.JPG', '10.jpg', '3.avif', '1.png']);
  });

  it('are pictures by type or name; the others are counted', () => {
    const files = [
      file('a.jpg'),
      file('b', 'image/png'),
      file('c.txt'),
      file('d.mp4', 'video/mp4'),
    ];
    const { pictures, others, more } = listPictures(foundIn(files));
    expect([names(pictures), others, more]).toEqual([['a.jpg', 'b'], 2, 0]);
  });

  it('leave out what a system hides beside them', () => {
    const { pictures } = listPictures(found('a/._1.jpg', 'a/1.jpg', 'a/.thumbs/1.jpg'));
    expect(names(pictures)).toEqual(['1.jpg']);
  });

  it('are bounded, and the rest is counted', () => {
    const many = Array.from({ length: 1234 }, (_, index) => `a/${index}.jpg`);
    const { pictures, more } = listPictures(found(...many));
    expect([pictures.length, more, pictures.at(-1)?.name]).toEqual([200, 1034, '199.jpg']);
  });
});

describe('a dropped folder', () => {
  const { signal } = new AbortController();

  it('is read part by part, with the folders in it', async () => {
    const inner = folder('inner', [entry('4.jpg')]);
    const children = [entry('1.jpg'), entry('2.jpg'), entry('3.jpg'), inner, entry('5.txt')];
    const all = await filesOf([folder('outer', children)], signal);
    expect(all.map(({ path }) => path)).toEqual([
      'outer/1.jpg',
      'outer/2.jpg',
      'outer/3.jpg',
      'outer/inner/4.jpg',
      'outer/5.txt',
    ]);
  });

  it('is read without what cannot be', async () => {
    const all = await filesOf([folder('a', [entry('1.jpg', false), entry('2.jpg')])], signal);
    expect(all.map(({ path }) => path)).toEqual(['a/2.jpg']);
  });

  it('that leads into itself comes to an end', async () => {
    const children: Entry[] = [entry('1.jpg')];
    const loop = folder('loop', children);
    children.push(loop);
    expect((await filesOf([loop], signal)).length).toBeLessThan(20);
  });

  it('is left when something else is chosen', async () => {
    await expect(filesOf([entry('1.jpg')], AbortSignal.abort())).rejects.toThrow('abort');
  });
});

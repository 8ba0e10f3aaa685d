import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useAsk } from '../ask-store.ts';
import {
  choosePicture,
  closeListing,
  stopTaking,
  take,
  takeAddress,
  takeFiles,
  takeFolder,
  useTaken,
} from './take.ts';

const file = (name: string): File => new File(['x'], name);
const show = vi.fn<(file: unknown, name: string, about?: unknown) => Promise<void>>();
const fetch = vi.fn<typeof globalThis.fetch>();
const error = () => useAsk.getState().pictureError;
const { listing: _, ...IDLE } = useTaken.getState();

beforeEach(() => {
  show.mockReset();
  show.mockImplementation(async (shown) => {
    useAsk.setState({ picture: { file: shown } as never });
  });
  fetch.mockReset();
  vi.stubGlobal('fetch', fetch);
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('document', { baseURI: 'https://site.example/' });
  useAsk.setState({ show, picture: null, pictureError: null });
  closeListing();
});

afterEach(() => {
  stopTaking();
  vi.unstubAllGlobals();
});

const shown = () => show.mock.calls.map(([, name]) => name);
const offered = () => useTaken.getState().listing?.pictures.map(({ name }) => name);

it('shows the first picture of several, and offers all of them', async () => {
  await takeFiles([file('a.txt'), file('10.jpg'), file('9.jpg')]);
  expect(shown()).toEqual(['9.jpg']);
  expect(offered()).toEqual(['9.jpg', '10.jpg']);
  expect(useTaken.getState().listing?.others).toBe(1);
  await takeFiles([file('alone.jpg')]);
  expect(useTaken.getState().listing).toBeNull();
});

it('shows what is no picture, so that it is refused with a reason', async () => {
  await take({ kind: 'files', files: [file('a.txt')] });
  expect(shown()).toEqual(['a.txt']);
});

it('offers the pictures of a folder without choosing one', async () => {
  await takeFolder([file('2.jpg'), file('1.jpg')]);
  expect([shown(), offered()]).toEqual([[], ['1.jpg', '2.jpg']]);
  await choosePicture(file('2.jpg'));
  expect([shown(), offered()]).toEqual([['2.jpg'], ['1.jpg', '2.jpg']]);
});

it('tells a folder without pictures, and keeps what was offered', async () => {
  await takeFolder([file('1.jpg'), file('2.jpg')]);
  await take({ kind: 'folder', entries: [] });
  expect([error()?.code, offered()]).toEqual(['no-picture', ['1.jpg', '2.jpg']]);
});

it('shows the picture at an address, with what is known of it', async () => {
  fetch.mockResolvedValue(new Response('x', { headers: { 'Content-Type': 'image/png' } }));
  expect(await takeAddress('https://a.example/b.png', { question: 'What?' })).toBe(true);
  expect(show).toHaveBeenCalledWith(expect.any(File), 'b.png', { question: 'What?' });
  expect(useTaken.getState()).toMatchObject(IDLE);
});

it('keeps what is shown where an address gives nothing', async () => {
  fetch.mockRejectedValue(new TypeError('Failed to fetch'));
  expect(await takeAddress('https://a.example/b.png')).toBe(false);
  expect([error()?.code, show.mock.calls.length]).toEqual(['address-unreadable', 0]);
  await takeAddress('ftp://a.example/b.png');
  expect(error()?.code).toBe('address-invalid');
  await takeFiles([file('a.jpg')]);
  expect(useTaken.getState().busy).toBeNull();
});

/** The next answer comes when the test says so, unless it is not waited for any more. */
function pending(): (response: Response) => void {
  const answers: ((response: Response) => void)[] = [];
  fetch.mockImplementationOnce(
    (_, init) =>
      new Promise((resolve, reject) => {
        answers.push(resolve);
        init?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      }),
  );
  return (response) => answers[0]?.(response);
}

it('lets an address go for whatever is chosen after it, and says nothing of it', async () => {
  pending();
  const slow = takeAddress('https://a.example/slow.png');
  expect(useTaken.getState().busy?.what).toBe('Fetching from a.example');
  await takeFiles([file('quick.jpg')]);
  expect(await slow).toBe(false);
  expect([shown(), error(), useTaken.getState().busy]).toEqual([['quick.jpg'], null, null]);
});

it('lets the first of two addresses go', async () => {
  pending();
  const slow = takeAddress('https://a.example/slow.png');
  const answer = pending();
  const quick = takeAddress('https://b.example/quick.png');
  expect(await slow).toBe(false);
  expect(useTaken.getState().busy?.what).toBe('Fetching from b.example');
  answer(new Response('x', { headers: { 'Content-Type': 'image/png' } }));
  expect(await quick).toBe(true);
  expect(shown()).toEqual(['quick.png']);
});

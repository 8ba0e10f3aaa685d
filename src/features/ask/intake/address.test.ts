import { afterEach, describe, expect, it, vi } from 'vitest';
import { ErgoError } from '../../../core/errors.ts';
import { fetchPicture, nameOf, parseAddress } from './address.ts';

const PAGE = 'https://site.example/app/?device=wasm';

describe('an address', () => {
  it.each([
    ['https://a.example/b.jpg', 'https://a.example/b.jpg', 'b.jpg'],
    [' https://a.example/my%20cat.png?w=1 \n', 'https://a.example/my%20cat.png?w=1', 'my cat.png'],
    ['a.example/b.jpg', 'https://a.example/b.jpg', 'b.jpg'],
    ['samples/old-map.jpg', 'https://site.example/app/samples/old-map.jpg', 'old-map.jpg'],
    ['//a.example/x/', 'https://a.example/x/', 'x'],
    ['http://localhost:8080/x.png', 'http://localhost:8080/x.png', 'x.png'],
    ['data:image/png;base64,AA==', 'data:image/png;base64,AA==', 'A picture without a name'],
    ['blob:https://site.example/1', 'blob:https://site.example/1', 'A picture without a name'],
  ])('%j is taken', (text, href, name) => {
    const url = parseAddress(text, PAGE);
    expect([url.href, nameOf(url)]).toEqual([href, name]);
  });

  it.each([
    ['', 'not an address'],
    ['https://', 'not an address'],
    [PAGE, 'not an address of a picture'],
    ['http://a.example/b.jpg', 'a.example would have to be asked by https'],
    ['http://localhost.a.example/b.jpg', 'by https'],
    ['https://me:secret@a.example/b.jpg', 'password'],
    ['data:text/html,<p>', 'no picture'],
    ['blob:https://a.example/1', 'that made it'],
    ['file:///home/me/b.jpg', 'by its path'],
    // oxlint-disable-next-line no-script-url
    ['javascript:alert(1)', 'javascript:'],
    ['ftp://a.example/b.jpg', 'ftp:'],
  ])('%j is refused with a reason', (text, reason) => {
    const parse = () => parseAddress(text, PAGE);
    expect(parse).toThrow(reason);
    expect(parse).toThrow(expect.objectContaining({ code: 'address-invalid' }));
  });
});

describe('the picture at an address', () => {
  afterEach(() => vi.unstubAllGlobals());

  const url = new URL('https://a.example/b.jpg');
  const progress = vi.fn<(loaded: number, total: number | null) => void>();

  function fetched(answer: Response | Error, from = url, signal = new AbortController().signal) {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    });
    vi.stubGlobal('fetch', fetch);
    vi.stubGlobal('navigator', { onLine: true });
    progress.mockClear();
    return { fetch, file: fetchPicture(from, { signal, onProgress: progress }) };
  }

  async function refusal(answer: Response | Error, from = url): Promise<ErgoError> {
    const thrown: unknown = await fetched(answer, from).file.catch((error: unknown) => error);
    if (thrown instanceof ErgoError) return thrown;
    throw new Error('It was not refused.');
  }

  it('is asked for with nothing about the person', async () => {
    const headers = { 'Content-Type': 'image/png; x=y', 'Content-Length': '3' };
    const { fetch, file } = fetched(new Response('abc', { headers }));
    const { name, type, size } = await file;
    expect({ name, type, size }).toEqual({ name: 'b.jpg', type: 'image/png', size: 3 });
    expect(progress).toHaveBeenLastCalledWith(3, 3);
    const [asked, init] = fetch.mock.calls[0] ?? [];
    expect(asked).toBe(url);
    expect(init).toMatchObject({ credentials: 'same-origin', referrerPolicy: 'no-referrer' });
    expect(init?.body).toBeUndefined();
  });

  it('shows no total that what came has outgrown', async () => {
    await fetched(new Response('abcdef', { headers: { 'Content-Length': '3' } })).file;
    expect(progress).toHaveBeenLastCalledWith(6, null);
  });

  it.each([
    [new TypeError('Failed to fetch'), 'address-unreadable', 'did not give the picture'],
    [new Response('', { status: 403 }), 'address-unreadable', 'status 403'],
    [new Response('', { status: 503 }), 'address-unreadable', 'status 503'],
    [new Response('', { status: 404 }), 'address-invalid', 'nothing at this address'],
    [
      new Response('<p>', { headers: { 'Content-Type': 'text/html; charset=utf-8' } }),
      'address-invalid',
      'no picture (text/html)',
    ],
    [
      new Response('x', { headers: { 'Content-Length': '999999999' } }),
      'image-too-large',
      '268 MB',
    ],
  ])('that does not come (%o) is told', async (answer, code, reason) => {
    const error = await refusal(answer);
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(reason)]);
  });

  it('of the page’s own host is no matter of permission', async () => {
    vi.stubGlobal('location', { origin: url.origin });
    expect((await refusal(new TypeError('x'))).code).toBe('download-interrupted');
  });

  it('that breaks off is told', async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(new TypeError('network error')),
    });
    expect((await refusal(new Response(body))).code).toBe('download-interrupted');
  });

  it('at an address of a page that is gone is told as such', async () => {
    const error = await refusal(new TypeError('x'), new URL('blob:https://site.example/1'));
    expect([error.code, error.message]).toEqual([
      'address-invalid',
      'This blob address is not there any more.',
    ]);
  });

  it('can be stopped while it comes', async () => {
    const stop = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(2));
        stop.signal.addEventListener('abort', () => controller.error(stop.signal.reason));
      },
    });
    const { file } = fetched(new Response(body), url, stop.signal);
    await vi.waitFor(() => expect(progress).toHaveBeenCalledWith(2, null));
    stop.abort();
    await expect(file).rejects.toMatchObject({ code: 'cancelled' });
  });
});

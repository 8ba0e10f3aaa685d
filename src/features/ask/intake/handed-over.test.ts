import { afterEach, describe, expect, it, vi } from 'vitest';
import { SHARED_NAME } from '../../../core/contracts/offline.ts';
import { onOpenedWith, sharedFiles, withoutShared } from './handed-over.ts';

function shelf(...laid: readonly Response[]) {
  const kept = new Map(laid.map((response, index) => [`https://host/shared/${index}`, response]));
  const cache = {
    keys: async () => [...kept.keys()],
    match: async (url: string) => kept.get(url),
  };
  return {
    kept,
    open: async () => cache as unknown as Cache,
    async delete() {
      kept.clear();
      return true;
    },
  };
}

const laid = (name: string): Response =>
  new Response(new Blob(['x'], { type: 'image/png' }), {
    headers: { [SHARED_NAME]: encodeURIComponent(name) },
  });

/** @param handles of one launch */
async function launch(...handles: { getFile(): Promise<File> }[]) {
  const take = vi.fn<(files: readonly File[]) => void>();
  const refuse = vi.fn<(thrown: unknown) => void>();
  vi.stubGlobal('launchQueue', {
    setConsumer: (consume: (launch: unknown) => void) => consume({ files: handles }),
  });
  onOpenedWith(take, refuse);
  await new Promise((resolve) => setTimeout(resolve));
  return { take, refuse };
}

describe('shared pictures', () => {
  it('are taken once, with their names and types', async () => {
    const caches = shelf(laid('Straße.png'), laid('b.png'));
    const files = await sharedFiles('?device=wasm&shared', caches);
    expect(files?.map(({ name, type, size }) => [name, type, size])).toEqual([
      ['Straße.png', 'image/png', 1],
      ['b.png', 'image/png', 1],
    ]);
    expect(caches.kept.size).toBe(0);
  });

  it('are missed only where something was shared', async () => {
    expect(await sharedFiles('?device=wasm', shelf(laid('a.png')))).toBeNull();
    await expect(sharedFiles('?shared', shelf())).rejects.toMatchObject({
      code: 'file-unreadable',
    });
  });

  it('leave the address, and nothing else does', () => {
    const url = new URL('https://host/app/?shared&device=wasm#/benchmark');
    expect(withoutShared(url)).toBe('https://host/app/?device=wasm#/benchmark');
  });
});

describe('files that are opened with the page', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('are read and taken together', async () => {
    const file = new File(['x'], 'a.jpg');
    const { take } = await launch({ getFile: async () => file }, { getFile: async () => file });
    expect(take.mock.calls).toEqual([[[file, file]]]);
  });

  it('are told when they are gone, and a launch without files is none', async () => {
    const gone = new DOMException('gone', 'NotFoundError');
    const { take, refuse } = await launch({ getFile: () => Promise.reject(gone) });
    expect(refuse).toHaveBeenCalledWith(gone);
    expect(take).not.toHaveBeenCalled();
    expect((await launch()).refuse).not.toHaveBeenCalled();
  });
});

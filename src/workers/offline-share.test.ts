import { describe, expect, it } from 'vitest';
import { SHARE, SHARED_NAME } from '../core/contracts/offline.ts';
import { takeShared } from './offline-share.ts';

const scope = 'https://host/app/';

/** @param hasRoom can anything be kept? */
async function share(body: BodyInit, hasRoom = true) {
  const kept = new Map<string, Response>();
  const cache = {
    async put(url: string, response: Response) {
      if (!hasRoom) throw new DOMException('full', 'QuotaExceededError');
      kept.set(url, response);
    },
  };
  const request = new Request(`${scope}${SHARE.path}`, { method: 'POST', body });
  const answer = await takeShared(request, {
    scope,
    caches: {
      open: async () => cache as unknown as Cache,
      async delete() {
        kept.clear();
        return true;
      },
    },
  });
  return { answer, kept };
}

describe('pictures that another app shares', () => {
  it('are laid down with their names, in order, and the page is opened', async () => {
    const form = new FormData();
    form.append('title', 'not asked for');
    form.append(SHARE.field, new File(['one'], 'Straße 1.jpg', { type: 'image/jpeg' }));
    form.append(SHARE.field, new File(['two'], 'b.png', { type: 'image/png' }));
    const { answer, kept } = await share(form);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('Location')).toBe(`${scope}?shared`);
    expect([...kept.keys()]).toEqual([`${scope}shared/0`, `${scope}shared/1`]);
    const first = kept.get(`${scope}shared/0`);
    expect(decodeURIComponent(first?.headers.get(SHARED_NAME) ?? '')).toBe('Straße 1.jpg');
    expect(first?.headers.get('Content-Type')).toBe('image/jpeg');
    expect(await first?.text()).toBe('one');
  });

  it('are missing where there is no room, and where something else was posted', async () => {
    const form = new FormData();
    form.append(SHARE.field, new File(['one'], 'a.jpg'));
    for (const shared of [await share(form, false), await share('no form')]) {
      expect(shared.kept.size).toBe(0);
      expect(shared.answer.headers.get('Location')).toBe(`${scope}?shared`);
    }
  });
});

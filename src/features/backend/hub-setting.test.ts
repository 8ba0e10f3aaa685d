import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HUB } from '../../models/hub/address.ts';
import { hubInUse, setHub } from './hub-setting.ts';

const kept = new Map<string, string>();

beforeEach(() => {
  kept.clear();
  vi.stubGlobal('location', { search: '' });
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});

afterEach(() => vi.unstubAllGlobals());

it('is Hugging Face’s unless somebody sets another', () => {
  expect(hubInUse()).toBe(HUB);
  expect(setHub('mirror.test/hub/')).toBe('https://mirror.test/hub');
  expect(hubInUse()).toBe('https://mirror.test/hub');
  expect(setHub(' ')).toBe(HUB);
});

it('comes from the address of the page before it comes from the setting', () => {
  setHub('https://mirror.test');
  vi.stubGlobal('location', { search: '?hub=http://localhost:8080' });
  expect(hubInUse()).toBe('http://localhost:8080');
  vi.stubGlobal('location', { search: '?hub=ftp://x' });
  expect(hubInUse()).toBe('https://mirror.test');
});

it.each(['ftp://x', 'https://user@x.test', 'https://x.test/?a=b', 'a b'])('refuses %s', (text) => {
  expect(() => setHub(text)).toThrow('is not the address of a hub');
  expect(hubInUse()).toBe(HUB);
});

import { describe, expect, it } from 'vitest';
import { hasCode } from '../core/errors.ts';
import { CATALOGUE } from './catalogue.ts';
import { formatReference, isCommit, parseReference } from './reference.ts';

const commit = 'fafab72d87a9e6be3925b38caf48286d2838f2d0';

describe('a model reference', () => {
  it.each(CATALOGUE.map(({ id }) => id))('knows %s of the catalogue', (id) => {
    expect(parseReference(id)).toMatchObject({ kind: 'catalogue', entry: { id } });
  });

  it.each([
    ['Qwen/Qwen3.5-0.8B', 'Qwen/Qwen3.5-0.8B', null],
    [' Qwen/Qwen3.5-0.8B ', 'Qwen/Qwen3.5-0.8B', null],
    [`Qwen/Qwen3.5-0.8B@${commit}`, 'Qwen/Qwen3.5-0.8B', commit],
    ['o/n@refs/pr/3', 'o/n', 'refs/pr/3'],
    ['https://huggingface.co/o/n', 'o/n', null],
    ['https://huggingface.co/o/n/', 'o/n', null],
    ['https://hf.co/o/n/tree/v1.0', 'o/n', 'v1.0'],
    ['https://huggingface.co/o/n/tree/refs%2Fpr%2F3', 'o/n', 'refs/pr/3'],
  ])('reads %s as a model of the hub', (text, repo, revision) => {
    expect(parseReference(text)).toEqual({ kind: 'hub', repo, revision });
  });

  it.each(['https://models.test/tiny/', './models/x/', '/models/x', '../x/manifest.json'])(
    'reads %s as the URL of a folder',
    (url) => {
      expect(parseReference(url)).toEqual({ kind: 'url', url });
      expect(formatReference(parseReference(url))).toBe(url);
    },
  );

  it.each([
    '',
    'qwen',
    'a/b/c',
    'a/..',
    'a/b@',
    'a/b@../c',
    'a b/c',
    '@main',
    'https://huggingface.co/',
    'https://huggingface.co/o',
    'https://huggingface.co/o/n/blob/main/config.json',
    'https://',
  ])('refuses "%s" with what it could have been', (text) => {
    expect(() => parseReference(text)).toThrow(
      expect.toSatisfy((error: unknown) => hasCode(error, 'bad-request')) as Error,
    );
  });

  it('is written as it is read', () => {
    for (const text of ['ergo-tiny', 'o/n', `o/n@${commit}`]) {
      expect(formatReference(parseReference(text))).toBe(text);
    }
  });

  it('tells commits, which never change, from branches and tags', () => {
    expect([commit, 'main', 'v1', commit.slice(1), null].map(isCommit)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { withAddress } from './site-address.ts';

it("writes the page's whole address for who reads its picture", () => {
  const html = readFileSync(path.resolve('index.html'), 'utf8');
  const told = withAddress(html, 'https://host/some/folder');
  expect(told).toContain(
    '<meta property="og:image" content="https://host/some/folder/about/link.jpg" />',
  );
  expect(told).toContain('<meta property="og:url" content="https://host/some/folder/" />');
  expect(() => withAddress(html, 'host')).toThrow('Invalid URL');
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HEADERS_FILE, META_POLICY, PAGE_HEADERS } from './page-headers.mjs';

const hosting = readFileSync('docs/hosting.md', 'utf8');

/** @returns name and value of each line of a recipe that has both */
function recipe(language: string, line: RegExp): Record<string, string> {
  const [, block = ''] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(hosting) ?? [];
  const found = [...block.matchAll(line)].map(([, name = '', value = '']) => [name, value]);
  return Object.fromEntries(found) as Record<string, string>;
}

describe('the headers of the page', () => {
  it('are those of every recipe', () => {
    expect(recipe('nginx', /^add_header (\S+) "(.*)" always;$/gm)).toEqual(PAGE_HEADERS);
    expect(recipe('apache', /^Header always set (\S+) "(.*)"$/gm)).toEqual(PAGE_HEADERS);
    const space = [...hosting.matchAll(/^ {2}(cross-origin-[\w-]+): (.*)$/gm)];
    expect(space).toHaveLength(3);
    for (const [, name, value] of space) {
      const found = Object.keys(PAGE_HEADERS).find((header) => header.toLowerCase() === name);
      expect(PAGE_HEADERS[found ?? '']).toBe(value);
    }
  });

  it('are written for hosts that read a file', () => {
    const [path, ...lines] = HEADERS_FILE.trimEnd().split('\n');
    expect(path).toBe('/*');
    const read = lines.map((line) => /^ {2}([\w-]+): (.*)$/.exec(line)?.slice(1) ?? []);
    expect(Object.fromEntries(read) as unknown).toEqual(PAGE_HEADERS);
  });

  it('let nothing in but the page’s own files', () => {
    const directives = Object.fromEntries(
      META_POLICY.split('; ').map((text) => [text.split(' ')[0], text.split(' ').slice(1)]),
    ) as Record<string, string[]>;
    expect(directives['default-src']).toEqual(["'none'"]);
    expect(directives['script-src']).toEqual(["'self'", "'wasm-unsafe-eval'"]);
    expect(directives['worker-src']).toEqual(["'self'"]);
    expect(META_POLICY).not.toMatch(/'unsafe-|\*(?!$|[; ])|frame-ancestors/);
  });
});

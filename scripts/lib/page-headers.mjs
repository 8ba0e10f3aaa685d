/**
 * The headers of the page (docs/decisions/0009-what-the-page-may-do.md), for whoever sends them:
 * the local server, the build (as a meta element, for hosts that send none) and docs/hosting.md.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './run.mjs';

/** @type {{ policy: string[], hostsPolicy: string[], headers: Record<string, string> }} */
const { policy, hostsPolicy, headers } = JSON.parse(
  readFileSync(path.join(ROOT, 'src/workers/page-headers.json'), 'utf8'),
);

/** As the page can say it itself: a meta element cannot forbid frames. */
export const META_POLICY = policy.join('; ');

/** For the development server, which adds scripts of its own to the page. */
export const HEADERS_WITHOUT_POLICY = headers;

/** All that a host should send, with every file. @type {Readonly<Record<string, string>>} */
export const PAGE_HEADERS = {
  'Content-Security-Policy': [...policy, ...hostsPolicy].join('; '),
  ...headers,
};

/** For hosts that read a file `_headers` (Netlify, Cloudflare Pages). */
export const HEADERS_FILE = `/*\n${Object.entries(PAGE_HEADERS)
  .map(([name, value]) => `  ${name}: ${value}\n`)
  .join('')}`;

/**
 * Playwright's test with what holds for every page of ours, whatever is done with it: nothing goes
 * against the page's policy, and no request is more than a question for a file.
 */
import { test as base, type BrowserContext, type Request } from '@playwright/test';

export { expect } from '@playwright/test';

export interface Watch {
  /** What browsers say about what they refused; a test that provokes it empties the list. */
  readonly violations: string[];
  /** Of all pages, frames and workers of the test. */
  readonly requests: Request[];
}

/** Everything that the page itself may ask: this machine's servers, the hub's stand-in included. */
const LOCAL = ['localhost', '127.0.0.1'];

interface Fixtures {
  /** Hosts that the test has answered for. */
  readonly otherHosts: readonly string[];
  readonly watch: Watch;
}

export const test = base.extend<Fixtures>({
  otherHosts: [[], { option: true }],
  watch: [
    async ({ context, otherHosts }, use) => {
      const watch: Watch = { violations: [], requests: [] };
      await observe(context, watch);
      await use(watch);
      base.expect(watch.violations).toEqual([]);
      const allowed = [...LOCAL, ...otherHosts];
      base
        .expect(watch.requests.map((request) => oddity(request, allowed)).filter(Boolean))
        .toEqual([]);
    },
    { auto: true },
  ],
});

async function observe(context: BrowserContext, { violations, requests }: Watch): Promise<void> {
  context.on('request', (request) => requests.push(request));
  context.on('console', (message) => {
    if (message.text().includes(SIGN)) violations.push(message.text());
  });
  await context.addInitScript(report, SIGN);
  context.on('page', (page) => {
    // A worker that is gone already had nothing to report.
    page.on('worker', (worker) => void worker.evaluate(report, SIGN).catch(() => undefined));
  });
}

const SIGN = 'Content Security Policy';

/** Chromium logs what a page did against its policy, but not what a worker did. */
function report(sign: string): void {
  const observer = new ReportingObserver(
    (reports) => {
      for (const { body } of reports) console.error(`${sign}: ${JSON.stringify(body)}`);
    },
    // Also what came before anybody listened.
    { types: ['csp-violation'], buffered: true },
  );
  observer.observe();
}

/**
 * Of a whole session: every request went to one of the hosts, and told it none of the words.
 * @param origins the page's own among them
 * @param words of the question, or the name of a person's file
 */
export async function expectNothingTold(
  { requests }: Watch,
  origins: readonly string[],
  words: readonly string[],
): Promise<void> {
  base.expect(requests.length).toBeGreaterThan(0);
  for (const request of requests) {
    const url = new URL(request.url().replace(/^blob:/, ''));
    base.expect(origins).toContain(url.origin);
    const headers = await request.allHeaders().catch(() => request.headers());
    const told = decodeURIComponent(`${url.href} ${Object.values(headers).join(' ')}`);
    for (const word of words) base.expect(told).not.toContain(word);
    base.expect(headers['referer'] ?? '').toBe('');
  }
}

/** @returns what about a request is more than asking for a file; empty: nothing */
function oddity(request: Request, hosts: readonly string[]): string {
  const { protocol, hostname } = new URL(request.url());
  const is = `${request.method()} ${request.url().slice(0, 200)}`;
  if (!['GET', 'HEAD'].includes(request.method()) || request.postData() !== null) return is;
  if (protocol === 'blob:' || protocol === 'data:') return '';
  return hosts.includes(hostname) ? '' : is;
}

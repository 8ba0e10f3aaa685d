/** Stock transformers.js beside the app's engine: the same model, the same picture, the same tokens. */
import type { Page } from '@playwright/test';
import type { Automation, EngineName } from '../src/core/contracts/automation.ts';
import type { RunReport } from '../src/core/run/report.ts';
import { png } from './lib/pictures.ts';
import { expect, test } from './lib/test.ts';

/** The coarse view is the picture as it is, and no filter changes waves as long as these. */
const PICTURE = png(280, 280, 2, (x, y, channel) =>
  Math.round(128 + 100 * Math.sin((x * (channel + 1)) / 60 + y / (50 + 20 * channel))),
).toString('base64');

interface Result {
  readonly report: RunReport;
  readonly tokens: readonly number[];
  readonly events: readonly string[];
}

function ask(page: Page, engine: EngineName): Promise<Result> {
  return page.evaluate(
    async ([base64, engine]) => {
      const { ergo } = globalThis as unknown as { ergo: Automation };
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const file = new Blob([bytes], { type: 'image/png' });
      const question = 'What is the tag of the bee?';
      // So small a picture would be looked at once.
      const asked = { question, policy: 'coarse-to-fine', looks: 'two' } as const;
      const request = { ...asked, device: 'wasm', engine } as const;
      const tokens: number[] = [];
      const events: string[] = [];
      for await (const event of ergo.ask(file, request)) {
        if (event.type === 'failed') throw new Error(`${engine}: ${event.error.message}`);
        if (event.type === 'report') return { report: event.report, tokens, events };
        if (event.type !== 'run') continue;
        if (event.event.type === 'token') tokens.push(event.event.step.id);
        else events.push(event.event.type);
      }
      throw new Error(`${engine}: the run ended without a report.`);
    },
    [PICTURE, engine] as const,
  );
}

test('both engines write the same tokens; the library prefills the first look twice', async ({
  page,
}) => {
  const requests: string[] = [];
  page.context().on('request', (request) => requests.push(request.url().replace(/^blob:/, '')));
  await page.goto('./');
  await page.waitForFunction(() => 'ergo' in globalThis);
  const ours = await ask(page, 'ergo');
  const peer = await ask(page, 'transformers.js');
  expect(peer.tokens.length).toBeGreaterThan(0);
  expect(peer.tokens).toEqual(ours.tokens);
  // Waves are no scene that the model was taught, and only our own views count what tells.
  expect(ours.report.notices.at(-1)?.code).toBe('outside-world');
  expect([...peer.events.slice(0, -1), 'notice', 'run-finished']).toEqual(ours.events);
  expect(peer.report.answer).toBe(ours.report.answer);
  expect(peer.report.regions).toEqual(ours.report.regions);
  expect(peer.report.visionTokens).toEqual(ours.report.visionTokens);
  expect(peer.report.device).toEqual(ours.report.device);
  const { prefill } = ours.report;
  expect(prefill.reused).toBeGreaterThan(0);
  expect(peer.report.prefill).toEqual({
    new: prefill.new + prefill.reused,
    reused: 0,
    recomputed: prefill.reused,
  });
  // The model came from our own folder, not from a hub.
  const { origin } = new URL(page.url());
  expect(requests.filter((url) => !url.startsWith(origin))).toEqual([]);
});

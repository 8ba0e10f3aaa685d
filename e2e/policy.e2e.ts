/** What the page may do, and that every other test would notice if it did more. */
import { openApp, openSample } from './lib/page.ts';
import { expect, test } from './lib/test.ts';

test('a page and its workers can do no more than they need, and are seen trying', async ({
  page,
  watch,
}) => {
  await openApp(page);
  await openSample(page, 'Old map');
  expect(watch.violations).toEqual([]);
  const asked = watch.requests.length;

  const isInjected = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.injected = true';
    document.body.append(script);
    document.body.setAttribute('onclick', 'globalThis.injected = true');
    document.body.click();
    // As text, not as a function.
    // oxlint-disable-next-line typescript/no-implied-eval
    setTimeout('globalThis.injected = true');
    // Tells its sender something by its address alone.
    const image = new Image();
    image.src = 'https://tracker.invalid/pixel.png';
    await image.decode().catch(() => undefined);
    const style = document.createElement('style');
    style.textContent = '@import url(https://tracker.invalid/style.css)';
    document.head.append(style);
    const form = document.createElement('form');
    form.action = 'https://tracker.invalid/form';
    document.body.append(form);
    form.submit();
    const frame = document.createElement('iframe');
    frame.src = 'https://tracker.invalid/frame.html';
    document.body.append(frame);
    void new Worker(URL.createObjectURL(new Blob(['1'])));
    void new WebSocket('wss://tracker.invalid/');
    await fetch('http://tracker.invalid/').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return 'injected' in globalThis;
  });
  expect(isInjected).toBe(false);
  const worker = page.workers().find((candidate) => candidate.url().includes('imaging'));
  await worker?.evaluate(async () => {
    await fetch('http://tracker.invalid/worker').catch(() => undefined);
  });
  await expect.poll(() => watch.violations.join('\n')).toContain('tracker.invalid/worker');
  const told = watch.violations.join('\n');
  for (const directive of [
    'script-src-elem',
    'script-src-attr',
    'script-src ',
    'img-src',
    'style-src',
    'form-action',
    'frame-src',
    'worker-src',
    'connect-src',
  ]) {
    expect(told).toContain(directive);
  }
  watch.violations.length = 0;
  // Playwright tells requests that the browser refused, too.
  for (const request of watch.requests.splice(asked)) {
    if (!request.url().includes('tracker.invalid')) watch.requests.push(request);
    else expect(request.failure()).not.toBeNull();
  }
});

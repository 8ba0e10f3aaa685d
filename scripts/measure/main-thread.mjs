/**
 * `node scripts/measure/main-thread.mjs [--runs 3] [--device wasm] [--sample NAME | --picture FILE]`:
 * tasks of the page's main thread while its own "Ask" button runs, as one JSON object.
 *
 * Two measures. `longTasks` is what a PerformanceObserver reports: tasks above 50 ms by the clock,
 * so on a busy machine waiting for the processor counts too. `processor` is what a trace says each
 * task cost on the processor, which other work stretches little.
 */
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { browserChoice } from '../lib/browser-args.mjs';
import { ensureBuild } from '../lib/build.mjs';
import { openBrowser } from '../lib/open-browser.mjs';
import { ROOT } from '../lib/run.mjs';
import { serveFolder } from '../lib/static-server.mjs';
import { mainThreadTasks } from './trace.mjs';

/** The limit of the Long Tasks API. */
const LONG = 50;
const PATIENCE = { timeout: 240_000 };

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    device: { type: 'string', default: 'wasm' },
    sample: { type: 'string', default: 'Hills at dusk' },
    /** A file instead of a sample. */
    picture: { type: 'string', default: '' },
    /** Another build, to compare with. */
    site: { type: 'string', default: '' },
  },
});

if (!values.site && (await ensureBuild()) !== 0) throw new Error('The page could not be built.');
const server = await serveFolder(path.resolve(values.site || path.join(ROOT, 'dist')), 0);
const browser = await openBrowser(browserChoice({}, 'wasm'), server.url);
try {
  const page = await browser.newPage();
  await page.addInitScript(() => {
    /** @type {{ from: number, duration: number }[]} */
    const tasks = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries())
        tasks.push({ from: startTime, duration });
    }).observe({ type: 'longtask', buffered: true });
  });

  /** Everything on the main thread while something is done. @param {() => Promise<unknown>} what */
  const during = async (what) => {
    await browser.startTracing(page, {
      categories: ['toplevel', 'devtools.timeline', 'blink.user_timing', 'v8', '__metadata'],
    });
    const from = await mark('from');
    await what();
    const to = await mark('to');
    const trace = JSON.parse((await browser.stopTracing()).toString('utf8'));
    const observed = await page.evaluate(() => /** @type {any} */ (globalThis).longTasks);
    const long = observed
      .filter((/** @type {{ from: number }} */ task) => task.from >= from && task.from < to)
      .map((/** @type {{ duration: number }} */ { duration }) => Math.round(duration));
    return { milliseconds: Math.round(to - from), longTasks: summary(long), ...processor(trace) };
  };
  /** @param {string} name */
  const mark = (name) =>
    page.evaluate((given) => performance.mark(`measure-${given}`).startTime, name);

  const open = await during(async () => {
    await page.goto(`${server.url}?device=${values.device}`);
    if (values.picture) await page.getByLabel('Picture file').setInputFiles(values.picture);
    else await page.getByRole('button', { name: values.sample }).click();
    await page.getByRole('button', { name: 'Another picture' }).waitFor(PATIENCE);
  });
  if (values.picture) await page.getByLabel('Your question').fill('What is there?');
  const ask = () =>
    during(async () => {
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      // "Ask" is there again when the run is over.
      await page.getByRole('button', { name: 'Stop', exact: true }).waitFor(PATIENCE);
      await page.getByRole('button', { name: 'Ask', exact: true }).waitFor(PATIENCE);
    });
  const withLoading = await ask();
  const runs = [];
  for (let i = 0; i < Number(values.runs); i++) runs.push(await ask());
  console.log(
    JSON.stringify({
      picture: values.picture ? path.basename(values.picture) : values.sample,
      device: values.device,
      browser: browser.version(),
      cores: availableParallelism(),
      load: loadavg()[0],
      open,
      withLoading,
      runs,
    }),
  );
} finally {
  await browser.close();
  server.close();
}

/** @param {readonly number[]} long milliseconds */
function summary(long) {
  return {
    count: long.length,
    total: Math.round(long.reduce((sum, value) => sum + value, 0)),
    longest: Math.round(Math.max(0, ...long)),
  };
}

/** @param {{ traceEvents: import('./trace.mjs').TraceEvent[] }} trace */
function processor({ traceEvents }) {
  const tasks = mainThreadTasks(traceEvents, 'measure-from', 'measure-to');
  const above = tasks.filter(({ cpu }) => cpu > LONG);
  return {
    processor: summary(above.map(({ cpu }) => cpu)),
    /** Of all tasks. */
    busy: Math.round(tasks.reduce((sum, { cpu }) => sum + cpu, 0)),
    heaviest: tasks
      .toSorted((a, b) => b.cpu - a.cpu)
      .slice(0, 5)
      .map(({ at, wall, cpu, parts }) => ({ at, wall, cpu, parts: parts() })),
  };
}

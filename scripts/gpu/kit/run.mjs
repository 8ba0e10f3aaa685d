/**
 * `node run.mjs [--out FOLDER] [--minutes 8] [--only a,b,c] [--allow-software]`: the tasks of a kit,
 * in their order, until the time is over. Each result is appended to results.jsonl as it comes and
 * report.md is written after each task, so that a run that is cut leaves what it had; a further run
 * goes on with the tasks that are not done. Node's own modules only.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { reportOf } from './report.mjs';
import { openServer } from './server.mjs';

/** @typedef {{ name: string, part: 'a' | 'b' | 'c', seconds: number, task: object }} KitTask */
/** @typedef {import('./report.mjs').Result} Result */

/** No sandbox in containers, no chatter, no screen. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--enable-unsafe-webgpu',
];
/** As scripts/lib/adapter.mjs has them. */
const HARDWARE = [
  '--ignore-gpu-blocklist',
  '--use-angle=vulkan',
  '--enable-features=Vulkan',
  '--disable-vulkan-surface',
];
const SOFTWARE = ['--use-webgpu-adapter=swiftshader'];

const here = path.dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'results' },
    minutes: { type: 'string', default: '8' },
    only: { type: 'string', default: 'a,b,c' },
    'allow-software': { type: 'boolean', default: false },
  },
});
/** @type {{ kind: 'dawn' | 'browser', made: Record<string, string | null>, browser: string | null, tasks: KitTask[] }} */
const kit = JSON.parse(readFileSync(path.join(here, 'kit.json'), 'utf8'));
const out = path.resolve(values.out);
mkdirSync(out, { recursive: true });
const journal = path.join(out, 'results.jsonl');
const begin = Date.now();
const left = () => Number(values.minutes) * 60_000 - (Date.now() - begin);

/** Sees the results of the task that runs. @type {(result: Result) => void} */
let note = () => undefined;
const server = kit.kind === 'browser' ? await openServer(here, (result) => note(result)) : null;

const environment = await findDriver();
const finished = new Set(readResults().flatMap(({ task, done }) => (done ? [task] : [])));
for (const { name, part, seconds, task } of kit.tasks) {
  if (!values.only.split(',').includes(part) || finished.has(name)) continue;
  const limit = Math.min(1000 * seconds, left());
  if (limit < 5000) {
    write({ task: name, skipped: 'no time left' });
    continue;
  }
  const memory = watchMemory();
  const results = await runTask(task, limit, environment, (result) =>
    write({ task: name, ...result }),
  );
  write({ task: name, cardMegabytes: memory.stop() });
  console.log(`${name}: ${results.some(({ done }) => done) ? 'done' : 'not done'}`);
  report();
}
report();
server?.close();
process.exit(0);

/** @param {Result} result */
function write(result) {
  const seconds = Math.round((Date.now() - begin) / 100) / 10;
  appendFileSync(journal, `${JSON.stringify({ at: seconds, ...result })}\n`);
}

/** @returns {Result[]} */
function readResults() {
  if (!existsSync(journal)) return [];
  const lines = readFileSync(journal, 'utf8').trim().split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

function report() {
  writeFileSync(path.join(out, 'report.md'), reportOf(kit, readResults()));
}

/**
 * Where Vulkan is: as the machine has it, else through a description of NVIDIA's library of our own
 * (the one for screens fails on some machines that have none, the other does not).
 * @returns {Promise<Record<string, string>>} variables for what runs the tasks
 */
async function findDriver() {
  /** @type {Record<string, string>} */
  const base = {
    LD_LIBRARY_PATH: [process.env['LD_LIBRARY_PATH'], path.join(here, 'lib')]
      .filter(Boolean)
      .join(':'),
  };
  const tries = [base];
  for (const library of ['libGLX_nvidia.so.0', 'libEGL_nvidia.so.0']) {
    const file = path.join(out, `${library}.json`);
    const icd = {
      file_format_version: '1.0.0',
      ICD: { library_path: library, api_version: '1.3.0' },
    };
    writeFileSync(file, JSON.stringify(icd));
    tries.push({ ...base, VK_DRIVER_FILES: file });
  }
  let software = null;
  for (const [index, variables] of tries.entries()) {
    const [found] = await runTask({ kind: 'adapter' }, 45_000, variables, () => undefined);
    const adapter = found?.adapter ?? '';
    console.log(`driver ${index + 1}: ${adapter || 'none'}`);
    if (adapter && !/swiftshader|llvmpipe|basic render/i.test(adapter)) {
      write({ driver: index + 1, ...found });
      return variables;
    }
    if (adapter) software ??= { variables, found };
    // Without NVIDIA's driver the other two tries find the same.
    if (!hasNvidia()) break;
  }
  if (software && values['allow-software']) {
    write({ driver: 'software', ...software.found });
    return software.variables;
  }
  console.error(
    software
      ? 'The GPU is emulated in software; --allow-software measures it nevertheless.'
      : 'There is no adapter: is the Vulkan driver of the card installed?',
  );
  return process.exit(1);
}

function hasNvidia() {
  return existsSync('/dev/nvidiactl');
}

/**
 * @param {object} task @param {number} limit milliseconds
 * @param {Record<string, string>} variables
 * @param {(result: Result) => void} each
 * @returns {Promise<Result[]>} what it told until it was done or its time was over
 */
async function runTask(task, limit, variables, each) {
  /** @type {Result[]} */
  const results = [];
  const take = (/** @type {Result} */ result) => {
    results.push(result);
    each(result);
  };
  const ended = server
    ? inBrowser(task, limit, variables, take)
    : inNode(task, limit, variables, take);
  const why = await ended;
  if (why !== null) each({ stopped: why });
  return results;
}

/** @param {object} task @param {number} limit @param {Record<string, string>} variables @param {(result: Result) => void} take */
function inNode(task, limit, variables, take) {
  const child = spawn(process.execPath, [path.join(here, 'task.mjs'), JSON.stringify(task)], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let rest = '';
  child.stdout.on('data', (/** @type {Buffer} */ data) => {
    const lines = (rest + data.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) take(JSON.parse(line));
  });
  return endOf(child, limit, 'task');
}

/** @param {object} task @param {number} limit @param {Record<string, string>} variables @param {(result: Result) => void} take */
async function inBrowser(task, limit, variables, take) {
  const profile = path.join(tmpdir(), `ergo-kit-${process.pid}`);
  const address = `${server?.url}scripts/gpu/kit/page.html?task=${encodeURIComponent(JSON.stringify(task))}`;
  const browser = path.join(here, kit.browser ?? '');
  const flags =
    values['allow-software'] && variables['VK_DRIVER_FILES'] === undefined ? SOFTWARE : HARDWARE;
  const child = spawn(browser, [...FLAGS, ...flags, `--user-data-dir=${profile}`, address], {
    env: { HOME: profile, ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const done = new Promise((resolve) => {
    note = (result) => {
      take(result);
      if (result.done || result.error || 'adapter' in result) resolve(null);
    };
  });
  const why = await Promise.race([done, endOf(child, limit, 'browser')]);
  child.kill('SIGKILL');
  note = () => undefined;
  rmSync(profile, { recursive: true, force: true });
  return /** @type {string | null} */ (why);
}

/**
 * @param {import('node:child_process').ChildProcess} child @param {number} limit @param {string} what
 * @returns {Promise<string | null>} why it ended, where that is no success
 */
function endOf(child, limit, what) {
  let errors = '';
  child.stderr?.on(
    'data',
    (/** @type {Buffer} */ data) => (errors = (errors + data.toString()).slice(-600)),
  );
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(`its time of ${Math.round(limit / 1000)} s was over`);
    }, limit);
    child.on('error', (error) => resolve(`the ${what} did not start: ${error.message}`));
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve(status === 0 ? null : `the ${what} ended with ${status}: ${errors}`);
    });
  });
}

/** The most memory in use on the card, megabytes; null where nvidia-smi does not tell. */
function watchMemory() {
  /** @type {number | null} */
  let peak = null;
  const look = () => {
    const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits'];
    const { stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8', timeout: 2000 });
    const used = Number.parseInt(stdout ?? '', 10);
    if (Number.isFinite(used)) peak = Math.max(peak ?? 0, used);
  };
  const timer = hasNvidia() ? setInterval(look, 500) : undefined;
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

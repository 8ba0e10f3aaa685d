/**
 * `node run.mjs [--out FOLDER] [--minutes 8] [--only a,b,c] [--allow-software]`: the tasks of a kit,
 * in their order, until the time is over. Each result is appended to results.jsonl as it comes and
 * report.md is written after each task, so that a run that is cut leaves what it had; a further run
 * goes on with the tasks that are not done. Node's own modules only.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliDecompressSync } from 'node:zlib';
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
/** @type {{ kind: 'dawn' | 'browser', made: Record<string, string | null>, tasks: KitTask[] }} */
const kit = JSON.parse(readFileSync(path.join(here, 'kit.json'), 'utf8'));
const out = path.resolve(values.out);
mkdirSync(out, { recursive: true });
const journal = path.join(out, 'results.jsonl');
const begin = Date.now();
const left = () => Number(values.minutes) * 60_000 - (Date.now() - begin);

/** Sees the results of the task that runs. @type {(result: Result) => void} */
let note = () => undefined;
if (kit.kind === 'browser') unpackBrowser();
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

/** The browser travels as its package has it: Node reads what few machines can. */
function unpackBrowser() {
  const chrome = path.join(here, 'chrome');
  const executable = path.join(chrome, 'chromium');
  if (existsSync(executable)) return;
  mkdirSync(chrome, { recursive: true });
  const read = (/** @type {string} */ name) =>
    brotliDecompressSync(readFileSync(path.join(here, 'packed', name)));
  spawnSync('tar', ['x', '-C', chrome], { input: read('swiftshader.tar.br') });
  spawnSync('tar', ['x', '-C', here], { input: read('al2023.tar.br') });
  // Without a font Chrome ends when it draws the page.
  spawnSync('tar', ['x', '-C', here], { input: read('fonts.tar.br') });
  const fonts = `<fontconfig><dir>${path.join(here, 'fonts')}</dir></fontconfig>`;
  writeFileSync(path.join(here, 'fonts.conf'), fonts);
  copyFileSync(path.join(chrome, 'libvulkan.so.1'), path.join(here, 'lib/libvulkan.so.1'));
  // Last: what is there is whole.
  writeFileSync(executable, read('chromium.br'), { mode: 0o755 });
}

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
  /** @type {Promise<string | null>} */
  const finished = new Promise((resolve) => {
    note = (result) => {
      results.push(result);
      each(result);
      // A driver may take its time to end a process that has done everything.
      if (result.done || result.error) resolve(null);
    };
  });
  const child = server ? startBrowser(task, variables, server.url) : startNode(task, variables);
  const why = await Promise.race([finished, endOf(child, limit)]);
  note = () => undefined;
  kill(child);
  if (why !== null) each({ stopped: why });
  return results;
}

/** @param {object} task @param {Record<string, string>} variables */
function startNode(task, variables) {
  const child = spawn(process.execPath, [path.join(here, 'task.mjs'), JSON.stringify(task)], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let rest = '';
  child.stdout.on('data', (/** @type {Buffer} */ data) => {
    const lines = (rest + data.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) note(JSON.parse(line));
  });
  return child;
}

/** @param {object} task @param {Record<string, string>} variables @param {string} url */
function startBrowser(task, variables, url) {
  const profile = mkdtempSync(path.join(tmpdir(), 'ergo-kit-'));
  const file = 'kind' in task && task.kind === 'items' ? 'app.html' : 'scripts/gpu/kit/page.html';
  const address = `${url}${file}?task=${encodeURIComponent(JSON.stringify(task))}`;
  const browser = path.join(here, 'chrome/chromium');
  const graphics = values['allow-software'] ? SOFTWARE : HARDWARE;
  const child = spawn(browser, [...FLAGS, ...graphics, `--user-data-dir=${profile}`, address], {
    env: {
      FONTCONFIG_FILE: path.join(here, 'fonts.conf'),
      HOME: profile,
      ...process.env,
      ...variables,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  child.on('close', () => rmSync(profile, { recursive: true, force: true }));
  return child;
}

/** With the processes that it started. @param {import('node:child_process').ChildProcess} child */
function kill({ pid }) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child @param {number} limit
 * @returns {Promise<string>} why it ended
 */
function endOf(child, limit) {
  let errors = '';
  child.stderr?.on(
    'data',
    (/** @type {Buffer} */ data) => (errors = (errors + data.toString()).slice(-600)),
  );
  return new Promise((resolve) => {
    const over = `its time of ${Math.round(limit / 1000)} s was over`;
    setTimeout(() => resolve(over), limit).unref();
    child.on('error', (error) => resolve(`it did not start: ${error.message}`));
    child.on('close', (status, signal) =>
      resolve(`it ended with ${status ?? signal} before it was done: ${errors}`),
    );
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

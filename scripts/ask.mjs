/**
 * `npm run ask -- PICTURE "QUESTION"`: asks the built page in a browser, through the
 * door that it keeps open for scripts (src/core/contracts/automation.ts).
 */
import { statSync } from 'node:fs';
import { parseAsk, parseReplay, USAGE } from './ask/args.mjs';
import { describe } from './ask/print.mjs';
import { replay, withoutControls } from './ask/replay.mjs';
import { refusal } from './lib/adapter.mjs';
import { openAppPage } from './lib/app-page.mjs';
import { UsageError } from './lib/args.mjs';
import { ensureBuild } from './lib/build.mjs';
import { ensureDeps } from './lib/deps.mjs';
import { promptsOf } from './lib/prompts-file.mjs';

/** @typedef {import('../src/core/contracts/automation.ts').AutomationEvent} AutomationEvent */
/** @typedef {import('./ask/args.mjs').Ask} Ask */

const argv = process.argv.slice(2);
/** Nothing of ours may come after the JSON line, so the last line is printed in one place. */
process.exitCode = await main(argv).catch((error) => failed('internal', messageOf(error), 1));

/** @param {string[]} argv @returns {Promise<number>} exit status */
async function main(argv) {
  let ask;
  try {
    const again = parseReplay(argv);
    if (again) return await tell(again);
    ask = parseAsk(argv);
    assertFile(ask.picture);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(USAGE);
    return failed('bad-request', error.message, 2);
  }
  await ensureDeps();
  try {
    Object.assign(ask.request, await promptsOf(ask.prompts));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return failed('bad-request', error.message, 2);
  }
  if ((await ensureBuild()) !== 0) return failed('internal', 'The page could not be built.', 1);
  /** @type {import('../src/core/run/report.ts').RunReport[]} */
  const reports = [];
  const last = await drive(ask, (event) => {
    if (event.type === 'report') reports.push(event.report);
    if (!ask.json) process.stdout.write(describe(event, process.stdout.isTTY));
  });
  const reason = reports[0] ? refusal(ask.browser, reports[0].device) : null;
  if (reason !== null) return failed('webgpu-unavailable', reason, 1);
  return ended(last, ask.json ? reports : []);
}

const UNFINISHED = { code: 'internal', message: 'The page ended without an answer.' };

/** @param {{ file: string, json: boolean }} again @returns {Promise<number>} exit status */
async function tell({ file, json }) {
  assertFile(file);
  await ensureDeps();
  const events = await replay(file);
  const reports = events.flatMap((event) => (event.type === 'report' ? [event.report] : []));
  for (const event of json ? [] : events) process.stdout.write(withoutControls(inWords(event)));
  return ended(events.at(-1), json ? reports : []);
}

/** Who replays a run has not asked its question. @param {AutomationEvent} event */
function inWords(event) {
  if (event.type !== 'run' || event.event.type !== 'run-started') return describe(event);
  const { question, options } = event.event;
  const lettered = options.map(
    (option, index) => `(${String.fromCodePoint(65 + index)}) ${option}`,
  );
  return [question, ...lettered, '', describe(event)].join('\n');
}

/**
 * @param {AutomationEvent | undefined} last
 * @param {import('../src/core/run/report.ts').RunReport[]} reports to be printed
 * @returns {number} exit status
 */
function ended(last, reports) {
  for (const report of reports) console.log(JSON.stringify(report));
  if (last?.type === 'report') return 0;
  const { code, message } = last?.type === 'failed' ? last.error : UNFINISHED;
  return failed(code, message, 1);
}

/** @param {string} file @throws UsageError */
function assertFile(file) {
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) return;
  throw new UsageError(`${file} is not a file.`);
}

/**
 * @param {Ask} ask
 * @param {(event: AutomationEvent) => void} onEvent
 * @returns {Promise<AutomationEvent | undefined>} the last event
 */
async function drive({ picture, request, browser }, onEvent) {
  const page = await openAppPage(browser, request.model);
  try {
    return (await page.ask(picture, request, onEvent)).last;
  } finally {
    await page.close();
  }
}

/** @param {string} code @param {string} message @param {number} status */
function failed(code, message, status) {
  if (argv.includes('--json')) console.log(JSON.stringify({ error: { code, message } }));
  else console.error(`\n${message}`);
  return status;
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

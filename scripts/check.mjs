/**
 * `npm run check -- --model M`: does a model see where things are? Nine dark pictures with one bright
 * square each, its box asked for, in the built page (src/core/check).
 */
import { refusal } from './lib/adapter.mjs';
import { openAppPage } from './lib/app-page.mjs';
import { DEVICES, modelChoice, oneOf, parse, UsageError } from './lib/args.mjs';
import { BROWSER_OPTIONS, BROWSER_USAGE, browserChoice } from './lib/browser-args.mjs';
import { ensureBuild } from './lib/build.mjs';
import { ensureDeps } from './lib/deps.mjs';

/** @typedef {import('../src/core/contracts/automation.ts').Automation} Automation */
/** @typedef {import('../src/core/contracts/automation.ts').CheckEvent} CheckEvent */
/** @typedef {import('../src/core/contracts/automation.ts').CheckRequest} CheckRequest */

const USAGE = `npm run check -- [options]

  --model M          as of npm run ask; default: the embedded model
  --hub URL          a mirror that answers like the hub
  --dtype T          of the model's dtypes; default: the page's choice
  --device D         webgpu, wasm or auto (default)
  --json             print the result as one JSON object, as the last line
${BROWSER_USAGE}

Exit status: 0 if it was checked, whatever came out; 2 for bad arguments, 1 for a failed run.`;

const argv = process.argv.slice(2);
process.exitCode = await main().catch((error) => {
  const isUsage = error instanceof UsageError;
  if (isUsage) console.error(USAGE);
  const message = error instanceof Error ? error.message : String(error);
  return failed({ code: isUsage ? 'bad-request' : 'internal', message }, isUsage ? 2 : 1);
});

/** @returns {Promise<number>} exit status */
async function main() {
  const TEXT = /** @type {const} */ ({ type: 'string' });
  const options = { model: TEXT, hub: TEXT, dtype: TEXT, device: TEXT, ...BROWSER_OPTIONS };
  const { values } = parse({ args: argv, options: { ...options, json: { type: 'boolean' } } });
  const { device = 'auto', dtype } = values;
  const browser = browserChoice(values, device);
  const request = {
    device: /** @type {CheckRequest['device']} */ (oneOf('device', device, DEVICES)),
    ...modelChoice(values),
    ...(dtype !== undefined && { dtype }),
  };
  await ensureDeps();
  if ((await ensureBuild()) !== 0) throw new Error('The page could not be built.');
  const last = await drive(browser, request, (event) => {
    if (event.type === 'look') console.error(describe(event.look));
  });
  if (last?.type === 'failed') return failed(last.error, 1);
  if (last?.type !== 'checked') throw new Error('The page ended without a result.');
  const { result, model: checked } = last;
  const reason = refusal(browser, checked.device);
  if (reason !== null) return failed({ code: 'webgpu-unavailable', message: reason }, 1);
  const verdict = result.sees
    ? 'sees where things are'
    : 'sees badly: its graphs are defective, or it was never shown such pictures';
  console.error(`${checked.id} ${checked.dtype} on ${checked.device.used}: ${verdict}.`);
  const { meanIou, millisecondsPerLook: time } = result;
  console.error(`mean overlap ${meanIou.toFixed(2)}, ${Math.round(time)} ms a look`);
  if (values.json) console.log(JSON.stringify({ ...result, model: checked }));
  return 0;
}

/**
 * @param {import('./lib/browser-args.mjs').BrowserChoice} browser
 * @param {CheckRequest} request
 * @param {(event: CheckEvent) => void} onEvent
 * @returns {Promise<CheckEvent | undefined>} the last event
 */
async function drive(browser, request, onEvent) {
  const { page, close, model } = await openAppPage(browser, request.model);
  try {
    /** @type {CheckEvent | undefined} */
    let last;
    await page.exposeFunction('checkEvent', (/** @type {CheckEvent} */ event) => {
      last = event;
      onEvent(event);
    });
    await page.evaluate(
      async (asked) => {
        const { ergo, checkEvent } =
          /** @type {{ ergo: Automation, checkEvent: (event: CheckEvent) => Promise<void> }} */ (
            /** @type {unknown} */ (window)
          );
        for await (const event of ergo.check(asked)) await checkEvent(event);
      },
      /** @type {CheckRequest} */ ({ ...request, ...(model !== undefined && { model }) }),
    );
    return last;
  } finally {
    await close();
  }
}

/** @param {import('../src/core/check/check.ts').CheckLook} look */
function describe({ index, box, iou, text }) {
  const said = box === null ? `no box in "${text.trim()}"` : `overlap ${iou.toFixed(2)}`;
  return `square ${index + 1}: ${said}`;
}

/** @param {{ code: string, message: string }} error @param {number} status */
function failed({ code, message }, status) {
  if (argv.includes('--json')) console.log(JSON.stringify({ error: { code, message } }));
  else console.error(`\n${message}`);
  return status;
}

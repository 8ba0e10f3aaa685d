/** Arguments of `npm run ask`. */
import { BROWSER_OPTIONS, BROWSER_USAGE, browserChoice } from '../lib/browser-args.mjs';
import {
  budget,
  DEVICES,
  engineOf,
  modelChoice,
  oneOf,
  parse,
  POLICIES,
  UsageError,
  whole,
} from '../lib/args.mjs';

export const USAGE = `npm run ask -- PICTURE "QUESTION" [options]
npm run ask -- --replay FILE [--json]      a run that was saved on the page; no model is needed

  --then QUESTION    one more question about the picture, from the same first look; may be repeated
  --policy P         coarse-to-fine (default), full-resolution, coarse-only, on-demand,
                     search (models with a zoom tool)
  --max-looks N      looks of search at most, default 4
  --model M          id of the catalogue (ergo-tiny, qwen3.5-0.8b, ...), owner/name[@revision] of the
                     hub, URL of a folder, or a folder of this computer (./FOLDER); default: the
                     embedded model
  --hub URL          a mirror that answers like the hub; default: https://huggingface.co
  --dtype T          of the model's dtypes; default: the page's choice
  --device D         webgpu, wasm or auto (default)
  --coarse N         vision tokens of the first look, 64 to 1280
  --crop N           vision tokens of the second look, 64 to 1280
  --looks two        two looks also at a picture that is small enough for one
  --engine E         ergo (default) or transformers.js, for comparison
  --prompts FILE     JSON with prompts in place of the model's own (docs/models.md)
  --json             print the report as one JSON object, as the last line; one line per question
${BROWSER_USAGE}

A question may carry options, one a line: "What is it?\\n(A) a cat\\n(B) a dog".
Exit status: 0 with an answer, 2 for bad arguments, 1 for a failed run.`;

const TEXT = /** @type {const} */ ({ type: 'string' });
const LOOKS = ['auto', 'two'];

/** @typedef {import('../../src/core/contracts/automation.ts').AutomationRequest} Request */
/** @typedef {{ picture: string, request: Request, json: boolean, prompts?: string, browser: import('../lib/browser-args.mjs').BrowserChoice }} Ask */

/**
 * @param {readonly string[]} argv without node and the script
 * @returns {Ask}
 * @throws UsageError with a sentence for people
 */
export function parseAsk(argv) {
  const { followUps, args } = followUpsOf(argv);
  const { values, positionals } = parse({
    args,
    allowPositionals: true,
    options: {
      policy: TEXT,
      model: TEXT,
      hub: TEXT,
      dtype: TEXT,
      device: TEXT,
      coarse: TEXT,
      crop: TEXT,
      engine: TEXT,
      looks: TEXT,
      'max-looks': TEXT,
      prompts: TEXT,
      json: { type: 'boolean' },
      ...BROWSER_OPTIONS,
    },
  });
  const [picture, question, ...rest] = positionals;
  if (picture === undefined || question === undefined || rest.length > 0) {
    throw new UsageError('A picture and one question are needed; put the question into quotes.');
  }
  if ([question, ...followUps].some((text) => text.trim() === '')) {
    throw new UsageError('A question is empty.');
  }
  const { policy = 'coarse-to-fine', device = 'auto', dtype, engine, looks } = values;
  const coarse = budget('coarse', values.coarse);
  const crop = budget('crop', values.crop);
  const maxLooks = whole('max-looks', values['max-looks'], { from: 1, to: 32 });
  return {
    picture,
    json: values.json ?? false,
    ...(values.prompts !== undefined && { prompts: values.prompts }),
    browser: browserChoice(values, device),
    request: {
      question: asPassed(question),
      ...(followUps.length > 0 && { followUps: followUps.map(asPassed) }),
      policy: /** @type {Request['policy']} */ (oneOf('policy', policy, POLICIES)),
      device: /** @type {Request['device']} */ (oneOf('device', device, DEVICES)),
      ...modelChoice(values),
      ...(dtype !== undefined && { dtype }),
      ...(engine !== undefined && { engine: engineOf(engine) }),
      ...(maxLooks !== undefined && { maxLooks }),
      ...(looks !== undefined && {
        looks: /** @type {'auto' | 'two'} */ (oneOf('looks', looks, LOOKS)),
      }),
      budgets: { ...(coarse !== undefined && { coarse }), ...(crop !== undefined && { crop }) },
    },
  };
}

/**
 * @param {readonly string[]} argv
 * @returns {{ file: string, json: boolean } | null} null if nothing is to be replayed
 * @throws UsageError
 */
export function parseReplay(argv) {
  if (!argv.some((arg) => /^--replay(?:=|$)/.test(arg))) return null;
  const options = /** @type {const} */ ({ replay: TEXT, json: { type: 'boolean' } });
  const { values } = parse({ args: [...argv], options });
  return { file: values.replay ?? '', json: values.json ?? false };
}

/** A shell passes "\n" as two characters. @param {string} question */
function asPassed(question) {
  return question.replaceAll('\\n', '\n');
}

/**
 * By hand, because an object with a key `then`, as parseArgs takes its options, passes for a promise.
 * @param {readonly string[]} argv
 */
function followUpsOf(argv) {
  /** @type {string[]} */
  const followUps = [];
  /** @type {string[]} */
  const args = [];
  for (let at = 0; at < argv.length; at++) {
    const [, value] = /^--then(?:=(.*))?$/s.exec(argv[at] ?? '') ?? [];
    if (value === undefined && argv[at] !== '--then') args.push(argv[at] ?? '');
    else followUps.push(value ?? argv[++at] ?? '');
  }
  return { followUps, args };
}

/** Arguments of `npm run ask`. */
import { BROWSER_OPTIONS, BROWSER_USAGE, browserChoice } from '../lib/browser-args.mjs';
import { budget, DEVICES, engineOf, oneOf, parse, POLICIES, UsageError } from '../lib/args.mjs';

export const USAGE = `npm run ask -- PICTURE "QUESTION" [options]

  --policy P         coarse-to-fine (default), full-resolution, coarse-only, on-demand
  --model M          id of a model or URL of its folder; default: the embedded model
  --device D         webgpu, wasm or auto (default)
  --coarse N         vision tokens of the first look, 64 to 1280
  --crop N           vision tokens of the second look, 64 to 1280
  --engine E         ergo (default) or transformers.js, for comparison
  --json             print the report as one JSON object, as the last line
${BROWSER_USAGE}

A question may carry options, one a line: "What is it?\\n(A) a cat\\n(B) a dog".
Exit status: 0 with an answer, 2 for bad arguments, 1 for a failed run.`;

const TEXT = /** @type {const} */ ({ type: 'string' });

/** @typedef {import('../../src/core/contracts/automation.ts').AutomationRequest} Request */
/** @typedef {{ picture: string, request: Request, json: boolean, browser: import('../lib/browser-args.mjs').BrowserChoice }} Ask */

/**
 * @param {readonly string[]} argv without node and the script
 * @returns {Ask}
 * @throws UsageError with a sentence for people
 */
export function parseAsk(argv) {
  const { values, positionals } = parse({
    args: [...argv],
    allowPositionals: true,
    options: {
      policy: TEXT,
      model: TEXT,
      device: TEXT,
      coarse: TEXT,
      crop: TEXT,
      engine: TEXT,
      json: { type: 'boolean' },
      ...BROWSER_OPTIONS,
    },
  });
  const [picture, question, ...rest] = positionals;
  if (picture === undefined || question === undefined || rest.length > 0) {
    throw new UsageError('A picture and one question are needed; put the question into quotes.');
  }
  if (question.trim() === '') throw new UsageError('The question is empty.');
  const { policy = 'coarse-to-fine', device = 'auto', model, engine } = values;
  const coarse = budget('coarse', values.coarse);
  const crop = budget('crop', values.crop);
  return {
    picture,
    json: values.json ?? false,
    browser: browserChoice(values, device),
    request: {
      // A shell passes "\n" as two characters.
      question: question.replaceAll('\\n', '\n'),
      policy: /** @type {Request['policy']} */ (oneOf('policy', policy, POLICIES)),
      device: /** @type {Request['device']} */ (oneOf('device', device, DEVICES)),
      ...(model !== undefined && { model }),
      ...(engine !== undefined && { engine: engineOf(engine) }),
      budgets: { ...(coarse !== undefined && { coarse }), ...(crop !== undefined && { crop }) },
    },
  };
}

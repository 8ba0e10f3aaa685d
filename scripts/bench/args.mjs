/** Arguments of `npm run bench`. */
import { budget, DEVICES, oneOf, parse, POLICIES, UsageError, whole } from '../lib/args.mjs';

export const USAGE = `npm run bench -- [options]

  --dataset D    folder in V* layout (test_questions.jsonl); default: public/bench/scenes
  --policies P   of ${POLICIES.join(', ')};
                 default: coarse-to-fine,full-resolution,coarse-only
  --model M      id of a model or URL of its folder; default: the embedded model
  --dtype T      of the model's dtypes; default: the page's choice
  --device D     webgpu, wasm (default) or auto
  --coarse N     vision tokens of the first look, 64 to 1280
  --crop N       vision tokens of the second look, 64 to 1280
  --limit N      only the first N items
  --seed S       shuffle the items first, so that --limit takes a sample
  --out DIR      default: bench-out/DATASET-DEVICE

A run that was killed goes on where it was when it is started again with the same --out.
Exit status: 0 with a report, 2 for bad arguments, 1 for anything else.`;

const TEXT = /** @type {const} */ ({ type: 'string' });

/** @typedef {import('../../src/core/contracts/automation.ts').AutomationRequest} Request */
/**
 * `request` lacks only what belongs to an item.
 * @typedef {{
 *   dataset: string,
 *   policies: Request['policy'][],
 *   request: Omit<Request, 'question' | 'policy'>,
 *   limit: number | undefined,
 *   seed: number | undefined,
 *   out: string,
 * }} Bench
 */

/**
 * @param {readonly string[]} argv without node and the script
 * @returns {Bench}
 * @throws UsageError with a sentence for people
 */
export function parseBench(argv) {
  const { values } = parse({
    args: [...argv],
    options: {
      dataset: TEXT,
      policies: TEXT,
      model: TEXT,
      dtype: TEXT,
      device: TEXT,
      coarse: TEXT,
      crop: TEXT,
      limit: TEXT,
      seed: TEXT,
      out: TEXT,
    },
  });
  const { dataset = 'public/bench/scenes', device = 'wasm', model, dtype } = values;
  const coarse = budget('coarse', values.coarse);
  const crop = budget('crop', values.crop);
  const name = dataset.split(/[\\/]/).findLast(Boolean) ?? 'dataset';
  return {
    dataset,
    policies: policiesOf(values.policies ?? 'coarse-to-fine,full-resolution,coarse-only'),
    request: {
      device: /** @type {Request['device']} */ (oneOf('device', device, DEVICES)),
      ...(model !== undefined && { model }),
      ...(dtype !== undefined && { dtype }),
      budgets: { ...(coarse !== undefined && { coarse }), ...(crop !== undefined && { crop }) },
    },
    limit: whole('limit', values.limit, { from: 1 }),
    seed: whole('seed', values.seed, { from: 0 }),
    out: values.out ?? `bench-out/${name}-${device}`,
  };
}

/** @param {string} list */
function policiesOf(list) {
  const names = list.split(',').map((name) => oneOf('policies', name.trim(), POLICIES));
  if (new Set(names).size === names.length) return /** @type {Request['policy'][]} */ (names);
  throw new UsageError(`--policies ${list}: each policy once.`);
}

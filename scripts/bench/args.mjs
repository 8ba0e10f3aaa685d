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
  --shard I/N    only part I of N, from 1; parts are put together by npm run bench:merge
  --out DIR      default: bench-out/DATASET-DEVICE, with -I-of-N for a shard

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
 *   shard: import('../../src/core/bench/order.ts').Shard | null,
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
      shard: TEXT,
      out: TEXT,
    },
  });
  const { dataset = 'public/bench/scenes', device = 'wasm', model, dtype } = values;
  const coarse = budget('coarse', values.coarse);
  const crop = budget('crop', values.crop);
  const shard = shardOf(values.shard);
  const part = shard ? `-${shard.index}-of-${shard.count}` : '';
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
    shard,
    out: values.out ?? `bench-out/${name}-${device}${part}`,
  };
}

/** @param {string} list */
function policiesOf(list) {
  const names = list.split(',').map((name) => oneOf('policies', name.trim(), POLICIES));
  if (new Set(names).size === names.length) return /** @type {Request['policy'][]} */ (names);
  throw new UsageError(`--policies ${list}: each policy once.`);
}

/** @param {string | undefined} text "2/4" */
function shardOf(text) {
  if (text === undefined) return null;
  const [index = 0, count = 0, ...rest] = text.split('/').map(Number);
  const isPart = /^\d+\/\d+$/.test(text) && rest.length === 0 && index >= 1 && index <= count;
  if (isPart) return { index, count };
  throw new UsageError(`--shard ${text}: it is I/N with I from 1 to N.`);
}

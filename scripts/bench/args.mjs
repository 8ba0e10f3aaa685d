/** Arguments of `npm run bench`. */
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
import { datasetName } from './dataset.mjs';

export const USAGE = `npm run bench -- [options]

  --dataset D        folder in V* layout (test_questions.jsonl), folder of parquet files or one of
                     them (HR-Bench, MME-RealWorld-Lite); default: public/bench/scenes
  --policies P       of ${POLICIES.join(', ')};
                     default: coarse-to-fine,full-resolution,coarse-only
  --model M          id of the catalogue (ergo-tiny, qwen3.5-0.8b, ...), owner/name[@revision] of the
                     hub, URL of a folder, or a folder of this computer (./FOLDER); default: the
                     embedded model
  --hub URL          a mirror that answers like the hub; default: https://huggingface.co
  --dtype T          of the model's dtypes; default: the page's choice
  --device D         webgpu, wasm (default) or auto
  --engine E         ergo (default), transformers.js, or both: ergo,transformers.js; runs of the
                     second are reported as POLICY@transformers.js
  --coarse N         vision tokens of the first look, 64 to 1280
  --crop N           vision tokens of the second look, 64 to 1280
  --max-looks N      looks of search at most, default 4
  --prompts FILE     JSON with prompts in place of the model's own (docs/models.md)
  --caps LIST        one look at everything at each of these caps of vision tokens, in place of
                     full-resolution: --caps 100,256,640,1280,4096,16384
  --limit N          only the first N items
  --seed S           shuffle the items first, so that --limit takes a sample
  --shard I/N        only part I of N, from 1; parts are put together by npm run bench:merge
  --out DIR          default: bench-out/DATASET-DEVICE, with -I-of-N for a shard
${BROWSER_USAGE}

A run that was killed goes on where it was when it is started again with the same --out.
Exit status: 0 with a report, 2 for bad arguments, 1 for anything else.`;

const TEXT = /** @type {const} */ ({ type: 'string' });

/** @typedef {import('../../src/core/contracts/automation.ts').AutomationRequest} Request */
/** @typedef {import('../lib/args.mjs').EngineName} EngineName */
/** What is compared: a policy on an engine. @typedef {{ name: string, policy: Request['policy'], engine: EngineName, cap?: number }} Contender */
/**
 * `request` lacks only what belongs to an item.
 * @typedef {{
 *   dataset: string,
 *   prompts?: string,
 *   contenders: Contender[],
 *   request: Omit<Request, 'question' | 'policy' | 'engine' | 'cap'>,
 *   limit: number | undefined,
 *   seed: number | undefined,
 *   shard: import('../../src/core/bench/order.ts').Shard | null,
 *   out: string,
 *   browser: import('../lib/browser-args.mjs').BrowserChoice,
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
      hub: TEXT,
      dtype: TEXT,
      device: TEXT,
      coarse: TEXT,
      crop: TEXT,
      'max-looks': TEXT,
      caps: TEXT,
      prompts: TEXT,
      limit: TEXT,
      seed: TEXT,
      shard: TEXT,
      out: TEXT,
      engine: TEXT,
      ...BROWSER_OPTIONS,
    },
  });
  const { dataset = 'public/bench/scenes', device = 'wasm', dtype } = values;
  const coarse = budget('coarse', values.coarse);
  const crop = budget('crop', values.crop);
  const maxLooks = whole('max-looks', values['max-looks'], { from: 1, to: 32 });
  const shard = shardOf(values.shard);
  const part = shard ? `-${shard.index}-of-${shard.count}` : '';
  return {
    dataset,
    ...(values.prompts !== undefined && { prompts: values.prompts }),
    contenders: contendersOf(
      values.policies ?? 'coarse-to-fine,full-resolution,coarse-only',
      values.engine ?? 'ergo',
      capsOf(values.caps),
    ),
    request: {
      device: /** @type {Request['device']} */ (oneOf('device', device, DEVICES)),
      ...modelChoice(values),
      ...(dtype !== undefined && { dtype }),
      ...(maxLooks !== undefined && { maxLooks }),
      budgets: { ...(coarse !== undefined && { coarse }), ...(crop !== undefined && { crop }) },
    },
    limit: whole('limit', values.limit, { from: 1 }),
    seed: whole('seed', values.seed, { from: 0 }),
    shard,
    browser: browserChoice(values, device),
    out: values.out ?? `bench-out/${datasetName(dataset)}-${device}${part}`,
  };
}

/**
 * A policy's engines stand beside each other, so that they are compared first.
 * @param {string} policies @param {string} engines @param {readonly number[]} caps
 * @returns {Contender[]}
 */
function contendersOf(policies, engines, caps) {
  const known = each('engine', engines).map(engineOf);
  const wanted = each('policies', policies).map((name) => oneOf('policies', name, POLICIES));
  if (caps.length > 0 && !wanted.includes('full-resolution')) {
    throw new UsageError('--caps is of full-resolution, which is not among --policies.');
  }
  // In one order, whatever the order of the arguments: pairs are named after it.
  return POLICIES.filter((name) => wanted.includes(name)).flatMap((name) => {
    const policy = /** @type {Request['policy']} */ (name);
    const looks = policy === 'full-resolution' && caps.length > 0 ? caps : [null];
    return looks.flatMap((cap) =>
      known.map((engine) => {
        if (engine !== 'ergo' && (policy === 'on-demand' || policy === 'search')) {
          throw new UsageError(`${engine} does not run ${policy}.`);
        }
        const full = [name, ...(cap === null ? [] : [cap]), ...(engine === 'ergo' ? [] : [engine])];
        return { name: full.join('@'), policy, engine, ...(cap !== null && { cap }) };
      }),
    );
  });
}

/** @param {string | undefined} list @returns {number[]} from the smallest on */
function capsOf(list) {
  if (list === undefined) return [];
  const caps = each('caps', list).map((text) => whole('caps', text, { from: 4, of: ' of tokens' }));
  return caps.flatMap((cap) => cap ?? []).sort((a, b) => a - b);
}

/** @param {string} option @param {string} list with commas */
function each(option, list) {
  const names = list.split(',').map((name) => name.trim());
  if (new Set(names).size === names.length) return names;
  throw new UsageError(`--${option} ${list}: each one once.`);
}

/** @param {string | undefined} text "2/4" */
function shardOf(text) {
  if (text === undefined) return null;
  const [index = 0, count = 0, ...rest] = text.split('/').map(Number);
  const isPart = /^\d+\/\d+$/.test(text) && rest.length === 0 && index >= 1 && index <= count;
  if (isPart) return { index, count };
  throw new UsageError(`--shard ${text}: it is I/N with I from 1 to N.`);
}

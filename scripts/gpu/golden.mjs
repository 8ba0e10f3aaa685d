/**
 * `node scripts/gpu/golden.mjs`: golden tokens in half precision on the machine's Vulkan driver, by
 * Dawn in Node: fp16 and q4f16 of ergo-tiny, exported from its checkpoint, and of the fixtures. The
 * last line is JSON: how many passed and failed, or why nothing was tried.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { openDawn } from '../lib/dawn.mjs';
import { openInNode } from '../lib/dawn-model.mjs';
import { openSources } from '../lib/import-source.mjs';
import { ROOT } from '../lib/run.mjs';
import { fixtureSource } from '../parity/source.mjs';

const DTYPES = ['fp16', 'q4f16'];
const FAMILIES = ['qwen2-vl', 'qwen2.5-vl', 'qwen3-vl', 'qwen3.5'];
const PYTHON = path.join(ROOT, 'training/.venv/bin/python');
const CHECKPOINT = path.join(ROOT, 'training/checkpoints/ergo-tiny');

const count = { passed: 0, failed: 0 };
const skipped = await reason();
if (skipped === null) await replayAll();
console.log(JSON.stringify(skipped === null ? count : { skipped }));
// Dawn's timer and Vite's server keep the process alive.
process.exit(count.failed > 0 ? 1 : 0);

/** @returns {Promise<string | null>} why this machine cannot do it */
async function reason() {
  if (!existsSync(PYTHON)) return 'training/.venv is not set up (npm run training:setup)';
  let name;
  try {
    name = await openDawn();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter?.features.has('shader-f16')) return null;
  return `${name} has no half precision (shader-f16)`;
}

async function replayAll() {
  mkdirSync(path.join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(path.join(ROOT, '.cache/golden-'));
  const sources = await openSources();
  try {
    await embedded(path.join(folder, 'ergo-tiny'), sources);
    for (const family of FAMILIES) await fixture(path.join(folder, family), family, sources);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} name @param {boolean} isRight @param {unknown} [told] */
function check(name, isRight, told) {
  count[isRight ? 'passed' : 'failed']++;
  console.log(`${isRight ? 'ok' : 'NOT OK'} ${name}${isRight ? '' : ` ${JSON.stringify(told)}`}`);
}

/** @param {string[]} args of Python, whose progress is not shown */
function python(args) {
  execFileSync(PYTHON, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'ignore'] });
}

/**
 * Models are not disposed of: the next one finds the GPU programs of those before it.
 * @param {string} folder @param {Awaited<ReturnType<typeof openSources>>} sources
 */
async function embedded(folder, sources) {
  python(['-m', 'training.export', CHECKPOINT, folder, '--dtypes', DTYPES.join(',')]);
  /** @type {typeof import('../../src/models/manifest.ts')} */
  const { parseManifest, sourceOf } = await sources.load('src/models/manifest.ts');
  /** @type {typeof import('../../e2e/lib/golden.ts')} */
  const { readGolden, readPatches } = await sources.load('e2e/lib/golden.ts');
  /** @type {typeof import('../../src/engine/testing/replay.ts')} */
  const { replayHistory, textsOf } = await sources.load('src/engine/testing/replay.ts');
  const manifest = parseManifest(
    JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')),
  );
  const source = sourceOf(manifest, { baseUrl: 'folder:/' });
  for (const dtype of DTYPES) {
    const { model, inbox } = await openInNode({ folder, source, dtype, device: 'webgpu', sources });
    for (const { name, prompt, pictures, results } of readGolden(folder).cases) {
      const expected = results[dtype]?.tokens ?? [];
      const found = await replayHistory(model, inbox, {
        texts: textsOf(prompt),
        pictures: pictures.map(({ file, grid, width, height }) => ({
          patches: readPatches(folder, file, manifest.image),
          grid,
          width,
          height,
        })),
        tokens: expected.length,
      });
      const isEqual = expected.length > 0 && found.join() === expected.join();
      check(`ergo-tiny ${dtype}, ${name}`, isEqual, { expected, found });
    }
  }
}

/**
 * In fp16 the tokens are those of Hugging Face's class. Four bits of random weights are another
 * model: there they are those that onnxruntime's CPU gives for the same graph.
 * @param {string} folder @param {string} family @param {Awaited<ReturnType<typeof openSources>>} sources
 */
async function fixture(folder, family, sources) {
  python(['-m', 'training.fixtures', '--family', family, '--variant', 'half', '--out', folder]);
  /** @type {typeof import('../../src/engine/testing/parity.ts')} */
  const { replayGolden } = await sources.load('src/engine/testing/parity.ts');
  const golden = JSON.parse(readFileSync(path.join(folder, 'golden.json'), 'utf8'));
  const source = await fixtureSource(folder, 'folder:/');
  const read = async (/** @type {string} */ name) => {
    const { buffer, byteOffset, byteLength } = readFileSync(path.join(folder, name));
    return buffer.slice(byteOffset, byteOffset + byteLength);
  };
  /** @param {string} dtype @param {'wasm' | 'webgpu'} device */
  const replay = async (dtype, device) => {
    const hub = path.join(folder, 'hub');
    const { model, inbox } = await openInNode({ folder: hub, source, dtype, device, sources });
    const report = await replayGolden({ golden, read, model, inbox });
    return report;
  };
  const half = await replay('fp16', 'webgpu');
  check(`${family} fp16`, half.tokensEqual && half.forkExact, half);
  const small = await replay('q4f16', 'webgpu');
  const reference = await replay('q4f16', 'wasm');
  const isEqual = JSON.stringify(small.tokens) === JSON.stringify(reference.tokens);
  check(`${family} q4f16`, isEqual && small.forkExact, { small, reference });
}

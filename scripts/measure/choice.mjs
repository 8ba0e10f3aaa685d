/**
 * `node scripts/measure/choice.mjs [--words N] [--width N] [--repeats N]`: what choosing a token costs
 * on wasm beside the least that a decode step costs, its head: a 4-bit product (MatMulNBits, block 32)
 * of one row of `width` values with all words. The layers before it are left out, so real shares are
 * smaller. Least CPU milliseconds, one thread, JSON. Needs training/.venv for the graph.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { importSource } from '../lib/import-source.mjs';
import { ROOT } from '../lib/run.mjs';

const { values } = parseArgs({
  options: {
    words: { type: 'string', default: '248320' },
    width: { type: 'string', default: '1024' },
    repeats: { type: 'string', default: '9' },
  },
});
const [words, width, repeats] = [values.words, values.width, values.repeats].map(Number);

const HEAD = `
import sys, numpy as np, onnx
from onnx import TensorProto as T, helper as h, numpy_helper as n
words, width, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(1)
packed = rng.integers(0, 256, (words, width // 32, 16), dtype=np.uint8)
scales = rng.random(words * width // 32, dtype=np.float32) / 100
node = h.make_node("MatMulNBits", ["row", "packed", "scales"], ["logits"], domain="com.microsoft",
                   K=width, N=words, bits=4, block_size=32)
graph = h.make_graph([node], "head", [h.make_tensor_value_info("row", T.FLOAT, [1, 1, width])],
                     [h.make_tensor_value_info("logits", T.FLOAT, [1, 1, words])],
                     [n.from_array(packed, "packed"), n.from_array(scales, "scales")])
onnx.save(h.make_model(graph, ir_version=8, opset_imports=[h.make_opsetid("", 18), h.make_opsetid("com.microsoft", 1)]), out)
`;

/** @type {typeof import('../../src/engine/sampling.ts')} */
const { chooseToken } = await importSource('src/engine/sampling.ts');
const entry = createRequire(import.meta.url).resolve('onnxruntime-web/wasm');
/** @type {typeof import('onnxruntime-web')} */
const ort = (await import(pathToFileURL(entry).href)).default;
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = pathToFileURL(`${path.dirname(entry)}/`).href;

const session = await openHead();
const row = Float32Array.from({ length: width ?? 0 }, (_, i) => Math.sin(i));
const feeds = { row: new ort.Tensor('float32', row, [1, 1, row.length]) };
const { logits } = await session.run(feeds);
const numbers = /** @type {Float32Array} */ (logits?.data);
// Patterns of positive halves up to 32: their order and spread are what matters.
const halves = Uint16Array.from(numbers, (value) => 0x3000 + (Math.abs(value * 1000) % 0x2000));
const options = { temperature: 0, random: Math.random, alternatives: 0 };
const head = await least(async () => void (await session.run(feeds)));
const single = await least(async () => void chooseToken(numbers, options));
const half = await least(async () => void chooseToken(halves, options));
const share = (/** @type {number} */ cost) => Number((cost / (head + cost)).toPrecision(2));
console.log(
  JSON.stringify({
    words,
    width,
    processor: os.cpus()[0]?.model ?? null,
    loadAverage: os.loadavg()[0],
    milliseconds: { head, 'choose, float32': single, 'choose, float16': half },
    shareAtMost: { float32: share(single), float16: share(half) },
  }),
);
process.exit(0);

async function openHead() {
  mkdirSync(path.join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(path.join(ROOT, '.cache/head-'));
  try {
    const file = path.join(folder, 'head.onnx');
    const python = path.join(ROOT, 'training/.venv/bin/python');
    execFileSync(python, ['-c', HEAD, String(words), String(width), file], { stdio: 'inherit' });
    return await ort.InferenceSession.create(readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {() => Promise<void>} run @returns {Promise<number>} least CPU milliseconds, the first round left out */
async function least(run) {
  const samples = [];
  for (let i = 0; i <= (repeats ?? 0); i++) {
    const begin = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(begin);
    if (i > 0) samples.push((user + system) / 1000);
  }
  return Number(Math.min(...samples).toPrecision(3));
}

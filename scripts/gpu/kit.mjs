/**
 * `node scripts/gpu/kit.mjs OUT [--small] [--unpacked] [--node FILE]`: what a Linux machine with a
 * card and nothing else needs to measure the app there: OUT/dawn-kit.tar.xz (the engine by Dawn in
 * Node) and OUT/browser-kit.tar.xz.00 … (the page in a headless Chrome, in parts). docs/gpu.md has
 * the commands. `--small` makes kits that a machine without a card can try: tiny shapes, tiny
 * pictures. `--unpacked` leaves them as folders.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { brotliDecompressSync } from 'node:zlib';
import { commitOf, versions } from '../bench/environment.mjs';
import { ensureBuild } from '../lib/build.mjs';
import { importSource } from '../lib/import-source.mjs';
import { fail, ROOT, succeeds } from '../lib/run.mjs';
import { tasksOf } from './tasks.mjs';

/** A headless Chrome with few wishes (MIT), and with it the Vulkan loader and a software driver. */
const BROWSER = '@sparticuz/chromium@147.0.2';
const DAWN_BYTES = 50 * 2 ** 20;
const PART_BYTES = 45 * 2 ** 20;
const SHAPES = ['qwen3.5-0.8b', 'qwen3.5-2b', 'qwen2.5-vl-3b'];
/** Without fp16 Dawn's keeps to its size: half precision is in q4f16 too. */
const DTYPES = { dawn: ['q8', 'q4f16'], browser: ['q8', 'fp16', 'q4f16'] };
const PYTHON = path.join(ROOT, 'training/.venv/bin/python');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    small: { type: 'boolean', default: false },
    unpacked: { type: 'boolean', default: false },
    node: { type: 'string', default: process.execPath },
  },
});
const out = path.resolve(positionals[0] ?? fail('kit.mjs OUT: the folder to write.'));
if (process.platform !== 'linux' || process.arch !== 'x64') fail('Kits are made on Linux, x64.');
if (!existsSync(PYTHON)) fail('Graphs are written by Python: npm run training:setup first.');
const work = path.join(out, 'work');
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const files = path.join(work, 'files');
await writeModels(files);
const browser = unpackBrowser();
await dawnKit();
await browserKit();
rmSync(work, { recursive: true, force: true });

/** ergo-tiny in all dtypes with its golden histories, and the shapes. @param {string} to */
async function writeModels(to) {
  const tiny = path.join(to, 'ergo-tiny');
  const checkpoint = path.join(ROOT, 'training/checkpoints/ergo-tiny');
  python(['-m', 'training.export', checkpoint, tiny, '--dtypes', DTYPES.browser.join(',')]);
  /** @type {typeof import('../../e2e/lib/golden.ts')} */
  const { readGolden, readPatches, readJson } = await importSource('e2e/lib/golden.ts');
  /** @type {typeof import('../../src/models/manifest.ts')} */
  const { parseManifest } = await importSource('src/models/manifest.ts');
  /** @type {typeof import('../../src/engine/testing/replay.ts')} */
  const { textsOf } = await importSource('src/engine/testing/replay.ts');
  const { image } = parseManifest(readJson(tiny, 'manifest.json'));
  const cases = readGolden(tiny).cases.map(({ name, prompt, pictures, results }) => ({
    name,
    texts: textsOf(prompt),
    pictures: pictures.map(({ file, grid, width, height }) => {
      const patches = readPatches(tiny, file, image);
      writeFileSync(path.join(tiny, `${file}.f32`), patches);
      return { file: `${file}.f32`, grid, width, height };
    }),
    tokens: Object.fromEntries(
      Object.entries(results).map(([dtype, { tokens }]) => [dtype, tokens]),
    ),
  }));
  writeFileSync(path.join(tiny, 'cases.json'), JSON.stringify(cases));
  // The forms for wasm are no use on a card.
  for (const name of readdirSync(path.join(tiny, 'onnx'))) {
    if (name.endsWith('_wasm.onnx')) rmSync(path.join(tiny, 'onnx', name));
  }
  for (const shape of SHAPES) {
    const folder = path.join(to, 'shapes', shape);
    const tiny = values.small ? ['--tiny'] : [];
    python(['-m', 'training.fixtures.shapes', shape, folder, ...tiny]);
    const described = JSON.parse(readFileSync(path.join(folder, 'shape.json'), 'utf8'));
    const names = readdirSync(folder).filter((name) => name !== 'onnx' && name !== 'shape.json');
    writeFileSync(path.join(folder, 'shape.json'), JSON.stringify({ ...described, files: names }));
  }
}

/** @param {string[]} args */
function python(args) {
  execFileSync(PYTHON, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** @returns {{ bin: string, loader: string }} the package's compressed files, and the Vulkan loader */
function unpackBrowser() {
  const cache = path.join(ROOT, '.cache/kit');
  mkdirSync(cache, { recursive: true });
  if (!existsSync(path.join(cache, 'package/bin/chromium.br'))) {
    const packed = execFileSync('npm', ['pack', '--silent', BROWSER], { cwd: cache }).toString();
    const file = packed.trim().split('\n').at(-1) ?? '';
    execFileSync('tar', ['xzf', file], { cwd: cache });
    rmSync(path.join(cache, file));
  }
  const bin = path.join(cache, 'package/bin');
  const loader = path.join(work, 'loader');
  mkdirSync(loader);
  untar(path.join(bin, 'swiftshader.tar.br'), loader);
  return { bin, loader };
}

/** @param {string} file .tar.br @param {string} to */
function untar(file, to) {
  execFileSync('tar', ['x', '-C', to], { input: brotliDecompressSync(readFileSync(file)) });
}

/** What both kits hold. @param {string} folder @param {'dawn' | 'browser'} kind */
function common(folder, kind) {
  mkdirSync(folder, { recursive: true });
  const node = path.join(folder, 'node');
  copyFileSync(values.node, node);
  chmodSync(node, 0o755);
  succeeds('strip', [node]);
  for (const name of ['run.mjs', 'server.mjs', 'report.mjs']) {
    copyFileSync(path.join(ROOT, 'scripts/gpu/kit', name), path.join(folder, name));
  }
  const found = versions();
  const made = {
    commit: commitOf(),
    'onnxruntime-web': found['onnxruntime-web'],
    node: execFileSync(values.node, ['--version']).toString().trim(),
    [kind === 'dawn' ? 'Dawn' : 'browser']: kind === 'dawn' ? `webgpu ${dawnVersion()}` : BROWSER,
    ...(values.small && { shapes: 'tiny, to try the kit' }),
  };
  const tasks = tasksOf(kind, { shapes: SHAPES, dtypes: DTYPES[kind], isSmall: values.small });
  const kit = { kind, made, tasks };
  writeFileSync(path.join(folder, 'kit.json'), JSON.stringify(kit, null, 1));
}

function dawnVersion() {
  const file = path.join(ROOT, 'node_modules/webgpu/package.json');
  if (!existsSync(file)) fail('The Dawn kit takes its bindings from here: npm install webgpu');
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

async function dawnKit() {
  const folder = path.join(work, 'dawn-kit');
  common(folder, 'dawn');
  copyFileSync(
    path.join(ROOT, 'node_modules/webgpu/dist/linux-x64/dawn.node'),
    path.join(folder, 'dawn.node'),
  );
  mkdirSync(path.join(folder, 'lib'));
  copyFileSync(
    path.join(browser.loader, 'libvulkan.so.1'),
    path.join(folder, 'lib/libvulkan.so.1'),
  );
  await copyRuntime(path.join(folder, 'ort'));
  cpSync(files, folder, {
    recursive: true,
    filter: (file) => !/ergo-tiny\/onnx\/\w+_fp16\.onnx$/.test(file),
  });
  const { build } = await import('vite');
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    resolve: {
      conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'node'],
      // The build for Node brings onnxruntime-node, of which nothing is needed.
      alias: {
        '@huggingface/transformers': path.join(
          ROOT,
          'node_modules/@huggingface/transformers/dist/transformers.web.js',
        ),
      },
    },
    ssr: { noExternal: true },
    build: {
      ssr: path.join(ROOT, 'scripts/gpu/kit/node.ts'),
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: {
        output: { entryFileNames: 'task.mjs', chunkFileNames: 'task-[name].mjs' },
      },
    },
  });
  const file = path.join(out, 'dawn-kit.tar.xz');
  pack(folder, file, 5);
  if (values.unpacked) return;
  const { size } = statSync(file);
  tell(file);
  if (size > DAWN_BYTES)
    fail(`${file} has ${size} bytes, more than the ${DAWN_BYTES} it may have.`);
}

/** The build of onnxruntime that the packed Node will ask for, found by what the page finds it by. @param {string} to */
async function copyRuntime(to) {
  /** @type {typeof import('../../src/core/contracts/runtime-files.ts')} */
  const { RUNTIME_BUILDS, runtimeBuild, runtimeFile } = await importSource(
    'src/core/contracts/runtime-files.ts',
  );
  const asked = `(${runtimeBuild.toString()})('webgpu')`;
  const answer = execFileSync(values.node, ['-p', asked]).toString().trim();
  const build = RUNTIME_BUILDS.find((known) => known === answer) ?? fail(`No build "${answer}".`);
  const dist = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-web/webgpu'));
  mkdirSync(to);
  for (const name of [runtimeFile(build, 'mjs'), runtimeFile(build, 'wasm')]) {
    copyFileSync(path.join(dist, name), path.join(to, name));
  }
}

async function browserKit() {
  const folder = path.join(work, 'browser-kit');
  common(folder, 'browser');
  if ((await ensureBuild()) !== 0) fail('The site could not be built.');
  cpSync(path.join(ROOT, 'dist'), path.join(folder, 'site'), { recursive: true });
  cpSync(files, path.join(folder, 'site/kit'), { recursive: true });
  const { build } = await import('vite');
  const built = path.join(work, 'page');
  await build({
    root: ROOT,
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: built,
      emptyOutDir: true,
      rolldownOptions: { input: path.join(ROOT, 'scripts/gpu/kit/page.html') },
    },
  });
  cpSync(path.join(built, 'assets'), path.join(folder, 'page/assets'), { recursive: true });
  cpSync(path.join(built, 'scripts'), path.join(folder, 'page/scripts'), { recursive: true });
  mkdirSync(path.join(folder, 'packed'));
  for (const name of ['chromium.br', 'swiftshader.tar.br', 'al2023.tar.br', 'fonts.tar.br']) {
    copyFileSync(path.join(browser.bin, name), path.join(folder, 'packed', name));
  }
  for (const name of readdirSync(out)) {
    if (name.startsWith('browser-kit.tar.xz')) rmSync(path.join(out, name));
  }
  const file = path.join(out, 'browser-kit.tar.xz');
  pack(folder, file, 1);
  if (values.unpacked) return;
  execFileSync('split', ['-b', String(PART_BYTES), '-d', file, `${file}.`]);
  rmSync(file);
  for (const name of readdirSync(out).filter((name) => name.startsWith('browser-kit'))) {
    tell(path.join(out, name));
  }
}

/** @param {string} folder @param {string} file @param {number} level of xz */
function pack(folder, file, level) {
  if (values.unpacked) {
    cpSync(folder, path.join(out, path.basename(folder)), { recursive: true });
    return;
  }
  const parts = ['-C', path.dirname(folder), path.basename(folder)];
  execFileSync('tar', ['cf', file, '-I', `xz -${level} -T2`, ...parts], { stdio: 'inherit' });
}

/** @param {string} file */
function tell(file) {
  console.log(`${file}  ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB`);
}

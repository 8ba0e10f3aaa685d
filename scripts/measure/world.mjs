/**
 * `node scripts/measure/world.mjs FOLDER [--question TEXT]`: of how many pictures of a folder does the
 * embedded model say that they lie outside its world? One JSON line, with up to five that got no notice. With a dataset in V* layout each
 * picture is asked its own question, else every one the same, made of words that the model was taught.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { browserChoice } from '../lib/browser-args.mjs';
import { ensureBuild } from '../lib/build.mjs';
import { openAppPage } from '../lib/app-page.mjs';
import { fail } from '../lib/run.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { question: { type: 'string', default: 'Which object is nearest to the cat?' } },
});
const [folder] = positionals;
if (folder === undefined) fail('A folder of pictures is needed.');
if ((await ensureBuild()) !== 0) fail('The page could not be built.');

const page = await openAppPage(browserChoice({}, 'wasm'));
/** @type {string[]} */
const silent = [];
/** @type {string[]} */
const failed = [];
let told = 0;
try {
  for (const { picture, question } of asked(folder)) {
    const request = {
      question,
      policy: /** @type {const} */ ('coarse-to-fine'),
      device: /** @type {const} */ ('wasm'),
    };
    const { last } = await page.ask(path.join(folder, picture), request, () => undefined, true);
    if (last?.type !== 'report') failed.push(picture);
    else if (last.report.notices.some(({ code }) => code === 'outside-world')) told++;
    else silent.push(picture);
  }
} finally {
  await page.close();
}
const answered = told + silent.length;
const examples = silent.slice(0, 5);
console.log(
  JSON.stringify({ folder: path.basename(folder), answered, told, silent: examples, failed }),
);

/** @param {string} from @returns {{ picture: string, question: string }[]} */
function asked(from) {
  const list = path.join(from, 'test_questions.jsonl');
  if (existsSync(list)) {
    const lines = readFileSync(list, 'utf8').trim().split('\n');
    return lines.map((line) => {
      const { image, text } = JSON.parse(line);
      return { picture: image, question: text };
    });
  }
  const pictures = readdirSync(from).filter((name) => /\.(png|jpe?g|webp|avif)$/i.test(name));
  return pictures.map((picture) => ({ picture, question: values.question }));
}

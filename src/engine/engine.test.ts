/** The engine on onnxruntime's wasm build in Node, held to the golden fixtures of the model folder. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  modelFolder,
  readGolden,
  readJson,
  readPatches,
  type GoldenCase,
} from '../../e2e/lib/golden.ts';
import type { EncodedPicture, Part } from '../core/contracts/model.ts';
import type { PatchesId } from '../core/contracts/pictures.ts';
import { hasCode, type ErrorCode } from '../core/errors.ts';
import { parseManifest, sourceOf } from '../models/manifest.ts';
import { filesOf } from '../models/source.ts';
import { createStore } from '../models/store/store.ts';
import { createPatchInbox } from './inbox.ts';
import { loadModel, type EngineProgress } from './load.ts';
import { proveForks } from './testing/forks.ts';
import { textsOf } from './testing/replay.ts';
import type { LocalModel } from './vlm.ts';

/** Small, so that every golden history is prefilled in several chunks, split anywhere. */
const CHUNK = 100;

const folder = modelFolder();
/** What happens between two chunks. */
let onBreath = (): void => undefined;

const failsWith = (code: ErrorCode) => expect.toSatisfy((error: unknown) => hasCode(error, code));

describe('the engine', { timeout: 300_000 }, () => {
  const manifest = parseManifest(readJson(folder, 'manifest.json'));
  const golden = readGolden(folder);
  const dtype = 'q8' in manifest.dtypes ? 'q8' : (Object.keys(manifest.dtypes)[0] ?? '');
  const inbox = createPatchInbox();
  const steps: EngineProgress[] = [];
  let model: LocalModel;

  beforeAll(async () => {
    const source = sourceOf(manifest, { baseUrl: 'folder:/' });
    const local = new Map(
      filesOf(source, dtype).map(({ path: name }) => [
        name,
        new Blob([readFileSync(path.join(folder, name))]),
      ]),
    );
    const entry = createRequire(import.meta.url).resolve('onnxruntime-web/wasm');
    model = await loadModel(
      {
        source: { ...source, local },
        dtype,
        device: 'auto',
        runtimeUrl: pathToFileURL(`${path.dirname(entry)}/`).href,
      },
      {
        weights: createStore(),
        inbox,
        progress: (step) => steps.push(step),
        breathe: async () => onBreath(),
        chunk: CHUNK,
      },
    );
  }, 300_000);

  afterAll(() => model?.dispose());

  let next = 0;
  async function encode(picture: GoldenCase['pictures'][number]): Promise<EncodedPicture> {
    const id = `p${next++}` as PatchesId;
    const data = readPatches(folder, picture.file, manifest.image);
    const [, rows, columns] = picture.grid;
    inbox.receive({
      kind: 'patches',
      id,
      data,
      dims: [rows * columns, data.length / rows / columns],
      grid: picture.grid,
    });
    const merge = manifest.image.mergeSize;
    const grid = { rows: rows / merge, columns: columns / merge };
    const { width, height, tokens } = picture;
    return await model.encode({ id, kind: 'coarse', size: { width, height, tokens, grid } });
  }

  /** The prompt as parts: text, picture, text, ... */
  async function partsOf({ prompt, pictures }: GoldenCase): Promise<Part[]> {
    const texts = textsOf(prompt);
    const parts: Part[] = [{ type: 'text', text: texts[0] ?? '' }];
    for (const [i, picture] of pictures.entries()) {
      parts.push({ type: 'picture', picture: await encode(picture) });
      parts.push({ type: 'text', text: texts[i + 1] ?? '' });
    }
    return parts;
  }

  /** Greedy tokens, beyond stop tokens as the fixtures have them. */
  async function greedy(context: Parameters<LocalModel['generate']>[0], count: number) {
    const ids: number[] = [];
    while (ids.length < count) {
      const iterator = model.generate(context, {
        maxNewTokens: count - ids.length,
        alternatives: 3,
      });
      for await (const step of iterator) {
        ids.push(step.id);
        expect(step.alternatives[0]).toMatchObject({
          id: step.id,
          logProbability: step.logProbability,
        });
      }
    }
    return ids;
  }

  it('announces that wasm is used although a GPU was preferred', () => {
    expect(steps).toContainEqual(expect.objectContaining({ phase: 'fallback', from: 'webgpu' }));
    expect(model.info.device).toMatchObject({ used: 'wasm', requested: 'auto', fallback: true });
  });

  it.each(golden.cases)(
    'replays $name: counts, log-probabilities, greedy tokens',
    async (fixture) => {
      const expected = fixture.results[dtype];
      if (!expected) throw new Error(`no fixture of ${dtype}`);
      const { context, ...extended } = await model.extend(null, await partsOf(fixture));
      const length = fixture.inputIds.length;
      expect(extended).toMatchObject({ prefilled: length, reused: 0, length });
      const fork = await model.fork(context);
      const first = await model.generate(fork, { maxNewTokens: 1, alternatives: 5 }).next();
      if (first.done) throw new Error('nothing generated');
      const sum = Math.log(expected.logits.reduce((total, value) => total + Math.exp(value), 0));
      const scale = Math.max(...expected.logits.map(Math.abs));
      for (const { id, logProbability } of fixture.logitIds ? [] : first.value.alternatives) {
        const difference = Math.abs((expected.logits[id] ?? 0) - sum - logProbability);
        expect(difference / scale).toBeLessThan(golden.tolerance[dtype] ?? 1e-3);
      }
      expect(await greedy(context, expected.tokens.length)).toEqual(expected.tokens);
      await model.release(fork);
      await model.release(context);
    },
  );

  it('gives the same for a history that came in parts, and prefills nothing twice', async () => {
    const fixture = golden.cases.at(-1);
    const expected = fixture?.results[dtype];
    if (!fixture || !expected) throw new Error('no fixture');
    let context: Parameters<LocalModel['extend']>[0] = null;
    let length = 0;
    for (const part of await partsOf(fixture)) {
      const extended = await model.extend(context, [part]);
      expect(extended.reused).toBe(length);
      expect(extended.length).toBe(length + extended.prefilled);
      ({ context, length } = extended);
    }
    expect(length).toBe(fixture.inputIds.length);
    if (!context) throw new Error('no context');
    expect(await greedy(context, 4)).toEqual(expected.tokens.slice(0, 4));
    // The last generated token has not been through the decoder yet.
    const more = await model.extend(context, [{ type: 'turn-end' }]);
    expect(more).toMatchObject({ reused: length + 3, prefilled: 2, length: length + 5 });
    expect(await model.extend(context, [{ type: 'turn-end' }])).toMatchObject({ prefilled: 0 });
    await model.release(context);
  });

  it('forks: both go on by themselves, and memory is freed with the last', async () => {
    const before = (await model.memory()).keyValues;
    const { context } = await model.extend(null, [{ type: 'text', text: 'The dog is in the' }]);
    const one = (await model.memory()).keyValues;
    const fork = await model.fork(context);
    expect((await model.memory()).keyValues).toBe(one);
    await model.extend(fork, [{ type: 'text', text: ' lower left.' }]);
    const alone = await greedy(context, 3);
    await model.release(context);
    await model.release(context);
    await expect(model.extend(context, [])).rejects.toEqual(failsWith('bad-request'));
    const { context: again } = await model.extend(null, [
      { type: 'text', text: 'The dog is in the' },
    ]);
    expect(await greedy(again, 3)).toEqual(alone);
    await model.release(fork);
    await model.release(again);
    expect((await model.memory()).keyValues).toBe(before);
  });

  it('gives every fork what a history of its own would have', async () => {
    const prompt =
      'What does the tag beside the cat read?<|im_end|>\n<|im_start|>assistant\n<think>';
    const report = await proveForks(model, { prompt, other: 'A tag reads', steps: 20 });
    expect(report).toMatchObject({ forks: 20, tokensEqual: true, kept: true, left: 0 });
    expect(report.compared).toBeGreaterThanOrEqual(20);
    expect(report.difference).toBeLessThan(1e-3);
  });

  it('takes a cancel between chunks, and leaves the context as it was', async () => {
    const { context, prefilled } = await model.extend(null, [{ type: 'text', text: 'A dog. ' }]);
    const controller = new AbortController();
    onBreath = () => controller.abort();
    const long: Part = { type: 'text', text: 'lower left '.repeat(CHUNK) };
    await expect(model.extend(context, [long], controller.signal)).rejects.toEqual(
      failsWith('cancelled'),
    );
    onBreath = () => undefined;
    const fork = await model.fork(context);
    const told: [number, number][] = [];
    const { prefilled: all } = await model.extend(fork, [long], undefined, (done, of) =>
      told.push([done, of]),
    );
    await model.release(fork);
    expect(told.slice(0, 2)).toEqual([
      [CHUNK, all],
      [2 * CHUNK, all],
    ]);
    expect((await model.extend(context, [{ type: 'text', text: 'x' }])).reused).toBe(prefilled);
    const tokens = 40_000;
    const huge: Part = { type: 'text', text: '<think>'.repeat(tokens) };
    await expect(model.extend(context, [huge])).rejects.toEqual(failsWith('too-many-tokens'));
    const question: Part = { type: 'words', text: 'red '.repeat(tokens) };
    await expect(model.extend(context, [question])).rejects.toEqual(failsWith('question-too-long'));
    await model.release(context);
  });

  it('keeps the tokens that were seen when a generation is left', async () => {
    const { context, length } = await model.extend(null, [{ type: 'text', text: 'A tag reads' }]);
    for await (const { index } of model.generate(context, { maxNewTokens: 20 })) {
      if (index === 1) break;
    }
    expect((await model.extend(context, [])).length).toBe(length + 2);
    await model.release(context);
  });

  it('refuses what is not there', async () => {
    const size = { width: 28, height: 28, tokens: 1, grid: { rows: 1, columns: 1 } };
    const lost = model.encode(
      { id: 'gone' as PatchesId, kind: 'crop', size },
      AbortSignal.timeout(20),
    );
    await expect(lost).rejects.toEqual(failsWith('cancelled'));
    const picture = await encode(golden.cases[0]?.pictures[0] ?? ({} as never));
    expect((await model.memory()).pictures).toBeGreaterThan(0);
    await model.releasePicture(picture);
    const part: Part = { type: 'picture', picture };
    await expect(model.extend(null, [part])).rejects.toEqual(failsWith('bad-request'));
  });
});

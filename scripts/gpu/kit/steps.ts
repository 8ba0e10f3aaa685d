/** What the kits measure, the same in Node and in a page: one task at a time, each result at once. */
import type { Manifest } from '../../../src/models/manifest.ts';
import { parseManifest, sourceOf } from '../../../src/models/manifest.ts';
import { CHECKPOINT_FILES } from '../../../src/models/families/checkpoint.ts';
import { profileOfCheckpoint } from '../../../src/models/families/registry.ts';
import type { ModelSource } from '../../../src/models/source.ts';
import { createPatchInbox } from '../../../src/engine/inbox.ts';
import { loadModel } from '../../../src/engine/load.ts';
import { drawFile, type Shape } from '../../../src/engine/testing/drawn-weights.ts';
import { replayHistory } from '../../../src/engine/testing/replay.ts';
import {
  compareVariants,
  measureSpeed,
  SETTINGS,
  type Setting,
  type SpeedPlan,
} from '../../../src/engine/testing/speed.ts';

export interface Kit {
  /** A file of the kit, by its path below `kit/`. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** URL of the folder with onnxruntime's wasm files, with a slash at its end. */
  readonly runtimeUrl: string;
  emit(result: object): void | Promise<void>;
}

export type Task =
  | { readonly kind: 'golden'; readonly dtype: string }
  | { readonly kind: 'shape'; readonly shape: string; readonly plan: SpeedPlan }
  | {
      readonly kind: 'levers';
      /** Null: ergo-tiny in q8. */
      readonly shape: string | null;
      readonly after: readonly number[];
      readonly rounds: number;
    };

/** A golden history as the kit holds it (scripts/gpu/kit.mjs writes it). */
export interface KitCase {
  readonly name: string;
  readonly texts: readonly string[];
  readonly pictures: readonly {
    /** Float32, little-endian. */
    readonly file: string;
    readonly grid: readonly [1, number, number];
    readonly width: number;
    readonly height: number;
  }[];
  readonly tokens: Readonly<Record<string, readonly number[]>>;
}

export async function runTask(kit: Kit, task: Task): Promise<void> {
  if (task.kind === 'golden') return await golden(kit, task.dtype);
  if (task.kind === 'shape') return await speed(kit, task.shape, task.plan);
  return await levers(kit, task);
}

async function golden(kit: Kit, dtype: string): Promise<void> {
  const { model, inbox } = await open(kit, null, dtype, {});
  const cases = JSON.parse(await text(kit, 'ergo-tiny/cases.json')) as KitCase[];
  for (const { name, texts, pictures, tokens } of cases) {
    const expected = tokens[dtype] ?? [];
    const found = await replayHistory(model, inbox, {
      texts,
      pictures: await Promise.all(
        pictures.map(async ({ file, ...picture }) => {
          const bytes = await kit.read(`ergo-tiny/${file}`);
          return { ...picture, patches: new Float32Array(bytes.slice().buffer) };
        }),
      ),
      tokens: expected.length,
    });
    const isEqual = expected.length > 0 && found.join() === expected.join();
    await kit.emit({ case: name, dtype, tokens: expected.length, equal: isEqual });
  }
}

async function speed(kit: Kit, shape: string, plan: SpeedPlan): Promise<void> {
  const { model, inbox } = await open(kit, shape, null, {});
  await kit.emit({ memory: await model.memory() });
  for await (const step of measureSpeed(model, inbox, plan)) await kit.emit(step);
  await kit.emit({ memory: await model.memory() });
}

/** All variants are loaded at once, so that they can take turns. */
async function levers(kit: Kit, { shape, after, rounds }: Task & { kind: 'levers' }) {
  const variants = [];
  for (const [name, setting] of Object.entries(SETTINGS)) {
    variants.push({ name, model: (await open(kit, shape, 'q8', setting)).model });
  }
  for (const tokens of after) {
    for (const sample of await compareVariants(variants, { after: tokens, rounds })) {
      await kit.emit(sample);
    }
  }
}

/** @param shape null: ergo-tiny */
async function open(kit: Kit, shape: string | null, dtype: string | null, setting: Setting) {
  const begin = performance.now();
  const described = shape === null ? await embedded(kit) : await drawn(kit, shape);
  const inbox = createPatchInbox();
  const model = await loadModel(
    {
      source: described.source,
      dtype: shape === null ? (dtype ?? 'q8') : described.dtype,
      device: 'webgpu',
      runtimeUrl: kit.runtimeUrl,
      validate: setting.validate,
    },
    { weights: { read: async () => described.read }, inbox, levers: setting.levers },
  );
  const { device } = model.info;
  if (device.used !== 'webgpu') throw new Error(`There is no GPU: ${device.fallbackReason}`);
  const seconds = (performance.now() - begin) / 1000;
  await kit.emit({ loaded: shape ?? `ergo-tiny ${dtype}`, seconds, device, ...setting });
  return { model, inbox };
}

type Described = {
  source: ModelSource;
  dtype: string;
  read: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
};

async function embedded(kit: Kit): Promise<Described> {
  const manifest: Manifest = parseManifest(JSON.parse(await text(kit, 'ergo-tiny/manifest.json')));
  const source = sourceOf(manifest, { baseUrl: 'kit:/' });
  return { source, dtype: 'q8', read: (path) => kit.read(`ergo-tiny/${path}`) };
}

async function drawn(kit: Kit, name: string): Promise<Described> {
  const folder = `shapes/${name}`;
  const shape = JSON.parse(await text(kit, `${folder}/shape.json`)) as Shape & { files: string[] };
  const described = CHECKPOINT_FILES.filter((file) => shape.files.includes(file)).map(
    async (file) => {
      const content = await text(kit, `${folder}/${file}`);
      return [file, file.endsWith('.json') ? JSON.parse(content) : content] as const;
    },
  );
  const files = Object.fromEntries(await Promise.all(described));
  const data = Object.keys(shape.sizes);
  const source: ModelSource = {
    baseUrl: 'kit:/',
    profile: profileOfCheckpoint(files, { id: shape.id }),
    files: [],
    dtypes: {
      [shape.dtype]: {
        sessions: shape.sessions,
        files: [...Object.values(shape.sessions), ...data],
      },
    },
  };
  const read: Described['read'] = async (path) =>
    path in shape.sizes ? drawFile(shape, path) : await kit.read(`${folder}/${path}`);
  return { source, dtype: shape.dtype, read };
}

async function text(kit: Kit, path: string): Promise<string> {
  return new TextDecoder().decode(await kit.read(path));
}

/**
 * What a saved run may hold. Links and files come from anybody: every text and list is bounded, and
 * nothing passes that is not named here.
 */
import { z } from '../zod.ts';
import type { DeviceKind, Generated } from '../contracts/model.ts';
import type { PatchesId } from '../contracts/pictures.ts';
import type { RegionRepair } from '../geometry/region.ts';
import { MAX_ASPECT } from '../geometry/resize.ts';
import type { NoticeCode, PolicyName, RegionSource, StageName } from '../run/events.ts';
import type { SavedEvent, SavedRun } from './saved-run.ts';

const count = z.number().int().min(0).max(1e12);
const side = z.number().int().min(1).max(1e6);
const milliseconds = z.number().min(0).max(1e10);
const text = (most: number) => z.string().max(most);
const name = text(200);
/** A question with its options, or all that a model wrote. */
const words = text(100_000);
const flag = z.boolean();

/** All of a closed set of names: one that is missing here, or new, is an error of types. */
const every = <T extends string>(names: Readonly<Record<T, true>>) =>
  z.enum(Object.keys(names) as [T, ...T[]]);

const box = <F extends 'original' | 'coarse'>(frame: F) =>
  z.object({
    frame: z.literal(frame),
    x: z.number().min(0).max(1e6),
    y: z.number().min(0).max(1e6),
    width: z.number().positive().max(1e6),
    height: z.number().positive().max(1e6),
  });

const still = z.object({ width: side, height: side, data: text(6_000_000) });

const stage = every<StageName>({ coarse: true, crop: true, full: true });
const policy = every<PolicyName>({
  'coarse-to-fine': true,
  'on-demand': true,
  search: true,
  'full-resolution': true,
  'coarse-only': true,
});
const deviceKind = every<DeviceKind>({ webgpu: true, wasm: true });

const grid = z.object({ rows: side.max(20_000), columns: side.max(20_000) });
const resized = z
  .object({ width: side, height: side, grid, tokens: count })
  .refine(({ grid, tokens }) => grid.rows * grid.columns === tokens, 'does not fit its grid');

const view = z.object({
  patches: z.object({
    id: name.transform((id) => id as PatchesId),
    kind: stage,
    size: resized,
  }),
  source: box('original'),
  preview: still.nullable(),
  statistics: z.object({ vividEdges: z.number(), edgeHues: z.number() }).nullable(),
  timings: z.object({ decode: milliseconds, resize: milliseconds, patchify: milliseconds }),
});

const step = z.object({
  index: count,
  id: count,
  text: text(2000),
  logProbability: z.number(),
  alternatives: z
    .array(z.object({ id: count, text: text(2000), logProbability: z.number() }))
    .max(20),
});

const generated = z.object({
  text: words,
  tokenIds: z.array(count).max(20_000),
  stop: every<Generated['stop']>({ 'stop-token': true, 'stop-string': true, length: true }),
  firstTokenMilliseconds: milliseconds,
  decodeMilliseconds: milliseconds,
});

const notice = z.object({
  code: every<NoticeCode>({
    'region-fallback': true,
    'region-repaired': true,
    'region-extra': true,
    'answered-at-once': true,
    'answer-untagged': true,
    'answer-empty': true,
    'outside-world': true,
    'search-ended': true,
    'small-picture': true,
    'text-truncated': true,
    'full-resolution-capped': true,
    'device-fallback': true,
  }),
  message: text(1000),
});

const measure = z.object({
  stage,
  visionTokens: count,
  prefilled: count,
  reused: count,
  recomputed: count,
  generatedTokens: count,
  timings: z.object({
    decodeImage: milliseconds,
    resize: milliseconds,
    patchify: milliseconds,
    encode: milliseconds,
    prefill: milliseconds,
    ttft: milliseconds,
    decode: milliseconds,
    total: milliseconds,
  }),
});

const at = milliseconds;
/** Whatever a model wrote. */
const corner = z.number();

/** The types say when something is missing here that an event has to have. */
const event: z.ZodType<SavedEvent> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run-started'),
    at,
    policy,
    question: words,
    options: z.array(words).max(26),
    picture: z
      .object({
        width: side,
        height: side,
        nativeTokens: count,
        type: name,
        bytes: count,
        animated: flag.exactOptional(),
      })
      .refine(
        ({ width, height }) => Math.max(width, height) <= MAX_ASPECT * Math.min(width, height),
        'is too long',
      ),
    model: z.object({ id: name, dtype: name }),
    device: z.object({
      requested: z.enum(['webgpu', 'wasm', 'auto']),
      used: deviceKind,
      adapter: text(500).nullable(),
      fallback: flag,
      fallbackReason: text(1000).nullable(),
      threads: count,
    }),
    budgets: z.object({
      coarse: count,
      crop: count,
      demandCrop: count.optional(),
      fullResolution: count,
    }),
    fullResolutionTokens: count,
    aheadMs: milliseconds,
  }),
  z.object({ type: z.literal('stage-started'), at, stage }),
  z.object({ type: z.literal('picture-viewed'), at, stage, view }),
  z.object({ type: z.literal('picture-encoded'), at, stage, tokens: count, milliseconds }),
  z.object({
    type: z.literal('prefilled'),
    at,
    stage,
    prefilled: count,
    reused: count,
    milliseconds,
  }),
  z.object({ type: z.literal('token'), at, stage, step }),
  z.object({ type: z.literal('generated'), at, stage, result: generated }),
  z.object({
    type: z.literal('region-predicted'),
    at,
    corners: z.tuple([corner, corner, corner, corner]).nullable(),
    region: box('coarse').nullable(),
    repairs: z.array(every<RegionRepair>({ inverted: true, clipped: true, grown: true })).max(3),
  }),
  z.object({
    type: z.literal('region-chosen'),
    at,
    coarse: box('coarse'),
    original: box('original'),
    source: every<RegionSource>({ model: true, hand: true }),
  }),
  z.object({ type: z.literal('notice'), at, notice }),
  z.object({ type: z.literal('stage-measured'), at, measure }),
  z.object({
    type: z.literal('answered'),
    at,
    answer: z.object({
      text: words,
      letter: text(1).nullable(),
      thinking: words,
      confidence: z.object({ value: z.number().min(0).max(1), calibrated: flag }).nullable(),
    }),
  }),
  z.object({ type: z.literal('run-finished'), at }),
]);

const memory = z.object({
  weights: count,
  keyValues: count,
  pictures: count,
  wasmHeap: count.nullable(),
});

export const savedRunSchema: z.ZodType<SavedRun> = z.object({
  format: z.literal('ergo-run'),
  version: z.literal(1),
  picture: z.object({
    name: name.nullable(),
    sample: name.nullable(),
    preview: still.nullable(),
  }),
  runs: z
    .array(z.object({ events: z.array(event).max(50_000), memory: memory.nullable() }))
    .min(1)
    .max(2),
});

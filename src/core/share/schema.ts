/**
 * What a saved run may hold. Links and files come from anybody: every text and list is bounded, and
 * nothing passes that is not named here.
 */
import { z } from '../zod.ts';
import type { PatchesId } from '../contracts/pictures.ts';
import type { SavedEvent, SavedRun } from './saved-run.ts';

const count = z.number().int().min(0).max(1e12);
const side = z.number().int().min(1).max(1e6);
const milliseconds = z.number().min(0).max(1e10);
const text = (most: number) => z.string().max(most);
const name = text(200);
/** A question with its options, or all that a model wrote. */
const words = text(100_000);
const flag = z.boolean();

const box = <F extends 'original' | 'coarse'>(frame: F) =>
  z.object({
    frame: z.literal(frame),
    x: z.number().min(0).max(1e6),
    y: z.number().min(0).max(1e6),
    width: z.number().positive().max(1e6),
    height: z.number().positive().max(1e6),
  });

const still = z.object({ width: side, height: side, data: text(6_000_000) });

const stage = z.enum(['coarse', 'crop', 'full']);
const policy = z.enum(['coarse-to-fine', 'on-demand', 'search', 'full-resolution', 'coarse-only']);
const deviceKind = z.enum(['webgpu', 'wasm']);

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
  stop: z.enum(['stop-token', 'stop-string', 'length']),
  firstTokenMilliseconds: milliseconds,
  decodeMilliseconds: milliseconds,
});

const notice = z.object({
  code: z.enum([
    'region-fallback',
    'region-repaired',
    'region-extra',
    'answered-at-once',
    'answer-untagged',
    'answer-empty',
    'outside-world',
    'search-ended',
    'small-picture',
    'text-truncated',
    'full-resolution-capped',
    'device-fallback',
  ]),
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
const corner = z.number().min(-1e9).max(1e9);

/** The types say that nothing is forgotten here when an event gets a new field. */
const event: z.ZodType<SavedEvent> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run-started'),
    at,
    policy,
    question: words,
    options: z.array(words).max(26),
    picture: z.object({
      width: side,
      height: side,
      nativeTokens: count,
      type: name,
      bytes: count,
      animated: flag.exactOptional(),
    }),
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
    repairs: z.array(z.enum(['inverted', 'clipped', 'grown'])).max(3),
  }),
  z.object({
    type: z.literal('region-chosen'),
    at,
    coarse: box('coarse'),
    original: box('original'),
    source: z.enum(['model', 'hand']),
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

/**
 * Models that the page offers by name. Facts only: what is not listed here is opened by its name at
 * the hub, its URL or its folder (`reference.ts`).
 */
import type { DeviceKind } from '../core/contracts/model.ts';
import type { ModelFamily } from '../core/contracts/profile.ts';

/** Where the files of an entry come from. */
export type Origin =
  /** Ships with the page; the URL is relative to it. */
  | { readonly kind: 'embedded'; readonly url: string }
  | {
      readonly kind: 'hub';
      /** `owner/name` */
      readonly repo: string;
      /** 40 hex digits; null: not pinned, the newest is taken. */
      readonly revision: string | null;
    }
  /** Nobody publishes it in a form that a browser can run. */
  | { readonly kind: 'convert'; readonly repo: string };

/** One download that an entry offers. */
export interface CatalogueDtype {
  /** As `layout.ts` names it. */
  readonly name: string;
  /** Of all files together. */
  readonly bytes: number;
  /** False: from a listing that we could not check, or rounded. */
  readonly isExact: boolean;
}

export interface Licence {
  readonly name: string;
  readonly url: string;
  /** In plain words; null: none that a user of the page would meet. */
  readonly restriction: string | null;
}

export interface CatalogueEntry {
  /** Short and stable; what `--model` takes. */
  readonly id: string;
  readonly name: string;
  readonly family: ModelFamily;
  readonly origin: Origin;
  /** The preferred one first; empty for what has to be converted. */
  readonly dtypes: readonly CatalogueDtype[];
  readonly licence: Licence;
  /** One sentence: for which pictures and questions. */
  readonly goodFor: string;
  /** What to know before the download; null: nothing. */
  readonly caution: string | null;
  /** Where it can run at all; the faster one first. */
  readonly devices: readonly DeviceKind[];
  /** Has somebody run exactly these files in this app? */
  readonly isVerified: boolean;
}

const APACHE: Licence = {
  name: 'Apache-2.0',
  url: 'https://www.apache.org/licenses/LICENSE-2.0',
  restriction: null,
};

/** Repositories of onnx-community for Qwen3.5 carry no licence tag; the models they convert do. */
const QWEN35: Licence = { ...APACHE, name: 'Apache-2.0 (of the model that was converted)' };

/**
 * Sizes and revisions of the hub's models are second-hand (2026-10) and were not tried by us.
 * onnx-community/Qwen3-VL-2B-Instruct-ONNX is left out on purpose: its graphs lack DeepStack and
 * order the rotary sections wrongly, so it reads text well and sees badly.
 */
export const CATALOGUE: readonly [CatalogueEntry, ...CatalogueEntry[]] = [
  {
    id: 'ergo-tiny',
    name: 'ERGO tiny',
    family: 'qwen2.5-vl',
    origin: { kind: 'embedded', url: 'models/ergo-tiny/manifest.json' },
    dtypes: [{ name: 'q8', bytes: 10_100_000, isExact: false }],
    licence: APACHE,
    goodFor: 'Drawn scenes like the samples; it shows how two looks work. It knows no photographs.',
    caution: null,
    devices: ['wasm', 'webgpu'],
    isVerified: true,
  },
  {
    id: 'qwen3.5-0.8b',
    name: 'Qwen3.5 0.8B',
    family: 'qwen3.5',
    origin: {
      kind: 'hub',
      repo: 'onnx-community/Qwen3.5-0.8B-ONNX-OPT',
      revision: 'fafab72d87a9e6be3925b38caf48286d2838f2d0',
    },
    dtypes: [{ name: 'q4-vision-fp16', bytes: 871_364_778, isExact: false }],
    licence: QWEN35,
    goodFor: 'Photographs, on most devices: the smallest one that knows the world.',
    caution: 'Small objects and boxes are its weak side.',
    devices: ['webgpu', 'wasm'],
    isVerified: false,
  },
  {
    id: 'qwen3.5-2b',
    name: 'Qwen3.5 2B',
    family: 'qwen3.5',
    origin: {
      kind: 'hub',
      repo: 'onnx-community/Qwen3.5-2B-ONNX-OPT',
      revision: '2ea7886f48b926aca97de8b0e041ffca7e3ebaa9',
    },
    dtypes: [{ name: 'q4f16', bytes: 1_602_858_517, isExact: false }],
    licence: QWEN35,
    goodFor: 'Photographs and text in pictures, on a laptop with a graphics card of its own.',
    caution: null,
    devices: ['webgpu', 'wasm'],
    isVerified: false,
  },
  {
    id: 'qwen3.5-4b',
    name: 'Qwen3.5 4B',
    family: 'qwen3.5',
    origin: {
      kind: 'hub',
      repo: 'onnx-community/Qwen3.5-4B-ONNX-OPT',
      revision: '57b13b4dce7be073be0df3eaf1c842a6bbb2e0a7',
    },
    dtypes: [{ name: 'q4f16', bytes: 3_020_843_621, isExact: false }],
    licence: QWEN35,
    goodFor: 'The best answers of this list, on a strong graphics card.',
    caution: 'Too large for the processor: it needs WebGPU.',
    devices: ['webgpu'],
    isVerified: false,
  },
  {
    id: 'qwen2-vl-2b',
    name: 'Qwen2-VL 2B',
    family: 'qwen2-vl',
    origin: { kind: 'hub', repo: 'onnx-community/Qwen2-VL-2B-Instruct', revision: null },
    dtypes: [{ name: 'q4f16', bytes: 2_668_000_000, isExact: false }],
    licence: APACHE,
    goodFor: 'Photographs and documents; older than Qwen3.5 and larger than its like.',
    caution: 'Its graph gives logits for every position, so long prompts need much memory.',
    devices: ['webgpu'],
    isVerified: false,
  },
  {
    id: 'qwen2.5-vl-3b',
    name: 'Qwen2.5-VL 3B',
    family: 'qwen2.5-vl',
    origin: { kind: 'hub', repo: 'onnx-community/Qwen2.5-VL-3B-Instruct-ONNX', revision: null },
    dtypes: [{ name: 'q4f16', bytes: 2_550_000_000, isExact: false }],
    licence: {
      name: 'Qwen Research',
      url: 'https://huggingface.co/Qwen/Qwen2.5-VL-3B-Instruct/blob/main/LICENSE',
      restriction: 'Not for commercial use.',
    },
    goodFor: 'Photographs and documents: the nearest relative of ERGO.',
    caution: null,
    devices: ['webgpu'],
    isVerified: false,
  },
  {
    id: 'ergo-7b',
    name: 'ERGO 7B',
    family: 'qwen2.5-vl',
    origin: { kind: 'convert', repo: 'nota-ai/ERGO-7B' },
    dtypes: [],
    licence: APACHE,
    goodFor: 'The method as published: trained to look twice.',
    caution:
      'Nobody publishes it for browsers: convert it with training/export and choose the folder.',
    devices: ['webgpu'],
    isVerified: false,
  },
];

/** The one that ships with the page. */
export const EMBEDDED = CATALOGUE[0];

export function entryOf(id: string): CatalogueEntry | undefined {
  return CATALOGUE.find((entry) => entry.id === id);
}

/**
 * Which precisions a folder in the hub's layout holds: `onnx/<session><suffix>.onnx`, external data
 * in `<file>_data`, `<file>_data_1`, … beside it. What lies there decides; config.json's
 * `transformers.js_config` says how many parts there have to be, and which mix its maker meant.
 */
import type { ModelDtype, SessionName } from './source.ts';
import { z } from '../core/zod.ts';

/** transformers.js, utils/dtypes.js; the ones that our build of onnxruntime runs. */
const SUFFIXES = { q4f16: '_q4f16', q4: '_q4', fp16: '_fp16', q8: '_quantized', fp32: '' } as const;

export type GraphDtype = keyof typeof SUFFIXES;

/** Preferred first. */
const DTYPES = Object.keys(SUFFIXES) as readonly GraphDtype[];

export const SESSIONS: readonly SessionName[] = [
  'vision_encoder',
  'embed_tokens',
  'decoder_model_merged',
];

/** What stands in for a session that lacks the decoder's precision; the nearest first. */
const INSTEAD: Readonly<Record<GraphDtype, readonly GraphDtype[]>> = {
  q4f16: ['q4f16', 'fp16', 'q4', 'fp32', 'q8'],
  q4: ['q4', 'fp16', 'fp32', 'q8', 'q4f16'],
  fp16: ['fp16', 'fp32', 'q4f16', 'q4', 'q8'],
  q8: ['q8', 'fp32', 'q4', 'fp16', 'q4f16'],
  fp32: ['fp32', 'fp16', 'q8', 'q4', 'q4f16'],
};

const dtypeName = z.string();
const parts = z.union([z.boolean(), z.int().nonnegative()]);

/** The part of config.json that is about files. */
const filesConfig = z.looseObject({
  'transformers.js_config': z
    .looseObject({
      dtype: z.union([dtypeName, z.record(z.string(), dtypeName)]).optional(),
      use_external_data_format: z.union([parts, z.record(z.string(), parts)]).optional(),
    })
    .optional(),
});

type Mix = Readonly<Record<SessionName, GraphDtype>>;

/** The path of a graph. */
export function graphPath(session: SessionName, dtype: GraphDtype): string {
  return `onnx/${session}${SUFFIXES[dtype]}.onnx`;
}

/** Every graph that a folder may hold; for folders that cannot be listed. */
export function possibleGraphs(): readonly string[] {
  return SESSIONS.flatMap((session) => DTYPES.map((dtype) => graphPath(session, dtype)));
}

/** The n-th part of a graph's external data, from 0. */
export function dataPath(graph: string, part: number): string {
  return part === 0 ? `${graph}_data` : `${graph}_data_${part}`;
}

/**
 * @param paths of all files of the folder
 * @param config parsed config.json
 * @returns by name, the preferred one first; empty if a session is missing altogether. The name is
 *   the decoder's precision and where others differ from it: `q4`, `q4f16`, `q4-vision-fp16`
 */
export function dtypesOf(
  paths: Iterable<string>,
  config: unknown,
): Readonly<Record<string, ModelDtype>> {
  const present = new Set(paths);
  const told = filesConfig.safeParse(config).data?.['transformers.js_config'];
  const wanted = (path: string, session: SessionName): number => {
    const format = told?.use_external_data_format;
    if (typeof format !== 'object') return Number(format ?? 0);
    return Number(format[path.slice('onnx/'.length)] ?? format[session] ?? 0);
  };
  const dataOf = (path: string): string[] => {
    const data: string[] = [];
    while (present.has(dataPath(path, data.length))) data.push(dataPath(path, data.length));
    return data;
  };
  /** A plain number stands for every file, also for those that have no data of their own. */
  const isWhole = (path: string, session: SessionName): boolean =>
    typeof told?.use_external_data_format !== 'object' ||
    dataOf(path).length >= wanted(path, session);
  const has = (session: SessionName, dtype: GraphDtype): boolean => {
    const path = graphPath(session, dtype);
    return present.has(path) && isWhole(path, session);
  };

  const mixes = DTYPES.filter((dtype) => has('decoder_model_merged', dtype)).flatMap((decoder) => {
    const pick = (session: SessionName): GraphDtype | undefined =>
      INSTEAD[decoder].find((dtype) => has(session, dtype));
    const [vision, embed] = [pick('vision_encoder'), pick('embed_tokens')];
    if (!vision || !embed) return [];
    const plain = mix(vision, embed, decoder);
    // A vision encoder of four bits sees worse for little less: both are offered.
    const sharp = vision === 'q4' && has('vision_encoder', 'fp16');
    return sharp ? [mix('fp16', embed, decoder), plain] : [plain];
  });
  const meant = meantBy(told?.dtype);
  if (meant && SESSIONS.every((session) => has(session, meant[session]))) mixes.unshift(meant);
  return Object.fromEntries(
    mixes.map((chosen) => {
      const sessions = {
        vision_encoder: graphPath('vision_encoder', chosen.vision_encoder),
        embed_tokens: graphPath('embed_tokens', chosen.embed_tokens),
        decoder_model_merged: graphPath('decoder_model_merged', chosen.decoder_model_merged),
      };
      const files = Object.values(sessions).flatMap((path) => [path, ...dataOf(path)]);
      return [nameOf(chosen), { sessions, files }];
    }),
  );
}

function mix(vision: GraphDtype, embed: GraphDtype, decoder: GraphDtype): Mix {
  return { vision_encoder: vision, embed_tokens: embed, decoder_model_merged: decoder };
}

/** Only a choice for every session is one; a single name is what the listing gives anyway. */
function meantBy(dtype: string | Readonly<Record<string, string>> | undefined): Mix | null {
  if (typeof dtype !== 'object') return null;
  const [vision, embed, decoder] = SESSIONS.map((session) => dtype[session]);
  return isGraphDtype(vision) && isGraphDtype(embed) && isGraphDtype(decoder)
    ? mix(vision, embed, decoder)
    : null;
}

function isGraphDtype(name: string | undefined): name is GraphDtype {
  return name !== undefined && name in SUFFIXES;
}

function nameOf({ vision_encoder: vision, embed_tokens: embed, decoder_model_merged: all }: Mix) {
  return [all, vision !== all && `vision-${vision}`, embed !== all && `embed-${embed}`]
    .filter(Boolean)
    .join('-');
}

/**
 * A model that could be loaded: what it is and where its files are, known before a byte of its
 * weights is fetched. Made from a manifest of ours (`manifest.ts`) or from a checkpoint's own files
 * (`families/`); the store and the engine need nothing else. Plain data: it crosses to the workers.
 */
import type { ModelProfile } from '../core/contracts/profile.ts';
import { ErgoError } from '../core/errors.ts';

export type SessionName = 'vision_encoder' | 'embed_tokens' | 'decoder_model_merged';

/** One file of a model, with what is needed to verify it. */
export interface ModelFile {
  /** Below the model's folder. */
  readonly path: string;
  readonly bytes: number;
  /** Hex. Null where the source tells none: small files of the hub have a git id only. */
  readonly sha256: string | null;
  /** SHA-1 of git's blob object (`"blob " + length + "\0" + bytes`), hex; where it is known. */
  readonly gitBlob?: string;
  /** Where no hash is known: changes when the file does, as `Last-Modified` of a server. */
  readonly version?: string;
}

/** The graphs of one precision; per session they may differ in it. */
export interface ModelDtype {
  readonly sessions: Readonly<Record<SessionName, string>>;
  /** Graphs that take their place on wasm; their weights lie in the files of those they replace. */
  readonly wasm?: Readonly<Partial<Record<SessionName, string | undefined>>> | undefined;
  /** Everything that this dtype downloads below onnx/, external data included. */
  readonly files: readonly string[];
}

export interface ModelSource {
  readonly profile: ModelProfile;
  /** By name, the preferred one first; never empty. */
  readonly dtypes: Readonly<Record<string, ModelDtype>>;
  /** All files that any dtype may need. */
  readonly files: readonly ModelFile[];
  /** Absolute URL of the folder that holds the files, with a slash at its end. */
  readonly baseUrl: string;
  /** Files of a folder that the person picked, by their path in it; instead of the URL. */
  readonly local?: ReadonlyMap<string, Blob>;
  /**
   * Under which `openModel` finds it again, a commit of the hub included: what the store knows it
   * by. Absent for picked folders, which are not stored.
   */
  readonly reference?: string;
  /** Its small files that were read to describe it, by path; they are not downloaded again. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** @throws ErgoError `model-unsupported` for an unknown dtype */
export function dtypeOf({ profile, dtypes }: ModelSource, name: string): ModelDtype {
  const found = dtypes[name];
  if (found) return found;
  throw new ErgoError('model-unsupported', `${profile.name} has no dtype "${name}".`, {
    detail: { dtype: name },
  });
}

/**
 * The files that a dtype needs: its graphs and weights, and the configuration beside them.
 * @throws ErgoError `model-unsupported` for an unknown dtype
 */
export function filesOf(source: ModelSource, dtype: string): readonly ModelFile[] {
  const wanted = new Set(pathsOf(dtypeOf(source, dtype)));
  return source.files.filter(({ path }) => wanted.has(path) || /^[^/]+\.json$/.test(path));
}

/** Paths below onnx/ that a dtype names. */
export function pathsOf({ sessions, wasm = {}, files }: ModelDtype): string[] {
  const replaced = Object.values(wasm).flatMap((path) => path ?? []);
  return [...Object.values(sessions), ...replaced, ...files];
}

/** Bytes of all files that a dtype needs. */
export function bytesOf(source: ModelSource, dtype: string): number {
  return filesOf(source, dtype).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Does a graph compute in half precision? It needs `shader-f16` on a GPU. */
export function needsHalfPrecision({ sessions }: ModelDtype): boolean {
  return Object.values(sessions).some((path) => /(q4f16|fp16)\.onnx$/.test(path));
}

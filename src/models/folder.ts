/**
 * A model's folder, wherever it lies, as a model source. All kinds of places become this one: a
 * commit of the hub, a URL, a picked folder, what the store remembers without a network.
 */
import { ErgoError } from '../core/errors.ts';
import { CHECKPOINT_FILES, type CheckpointFiles } from './families/checkpoint.ts';
import { profileOfCheckpoint } from './families/registry.ts';
import { dtypesOf } from './layout.ts';
import { parseManifest, sourceOf } from './manifest.ts';
import type { ModelSource } from './source.ts';

export interface ModelFolder extends Pick<
  ModelSource,
  'files' | 'baseUrl' | 'local' | 'reference'
> {
  /** "owner/name" or the folder's own name; a manifest of ours has its own. */
  readonly id: string;
  /** Its small files, by path: manifest.json, or the ones that describe a checkpoint. */
  readonly texts: Readonly<Record<string, string>>;
}

export const MANIFEST = 'manifest.json';

/** What has to be read before a folder can be described. */
export const DESCRIPTIONS: readonly string[] = [MANIFEST, ...CHECKPOINT_FILES];

/**
 * @throws ErgoError `manifest-invalid`, `config-invalid`, `model-unsupported` (another family, or
 *   not in the hub's layout)
 */
export function describeFolder(folder: ModelFolder): ModelSource {
  const { id, texts, files, baseUrl, local, reference } = folder;
  const where = { baseUrl, ...(local && { local }), ...(reference !== undefined && { reference }) };
  const manifest = texts[MANIFEST];
  if (manifest !== undefined) {
    const source = sourceOf(parseManifest(parseJson(MANIFEST, manifest)), where);
    return { ...source, ...where, texts };
  }
  if (texts['config.json'] === undefined) {
    throw new ErgoError('manifest-invalid', `${id} holds neither manifest.json nor config.json.`);
  }
  const read = Object.fromEntries(
    Object.entries(texts).map(([path, text]) => [
      path,
      path.endsWith('.json') ? parseJson(path, text) : text,
    ]),
  ) as CheckpointFiles;
  const profile = profileOfCheckpoint(read, { id });
  const dtypes = dtypesOf(
    files.map(({ path }) => path),
    read['config.json'],
  );
  if (Object.keys(dtypes).length === 0) {
    const message =
      `${id} holds no vision_encoder, embed_tokens and decoder_model_merged below onnx/: ` +
      'it is not converted for browsers, or in another way.';
    throw new ErgoError('model-unsupported', message);
  }
  const wanted = new Set(Object.values(dtypes).flatMap((dtype) => dtype.files));
  const needed = files.filter(({ path }) => wanted.has(path) || isBeside(path));
  return { ...where, profile, dtypes, files: needed, texts };
}

/** Other JSON of a checkpoint (vocab.json, say) is megabytes that nobody reads. */
function isBeside(path: string): boolean {
  return path === 'tokenizer.json' || (DESCRIPTIONS.includes(path) && path.endsWith('.json'));
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ErgoError('manifest-invalid', `${path} is not JSON.`, { cause });
  }
}

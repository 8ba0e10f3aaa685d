/** Which families there are. A new one is a file like its neighbours and a line here. */
import type { ModelFamily, ModelProfile } from '../../core/contracts/profile.ts';
import { ErgoError } from '../../core/errors.ts';
import { readCheckpoint, type CheckpointFiles, type CheckpointIdentity } from './checkpoint.ts';
import { namedConfig, parseConfig } from './config.ts';
import { taughtTags } from './taught.ts';
import type { Family } from './family.ts';
import { qwen25Vl } from './qwen2.5-vl.ts';
import { qwen2Vl } from './qwen2-vl.ts';
import { qwen35 } from './qwen3.5.ts';
import { qwen3Vl } from './qwen3-vl.ts';

export const FAMILIES: Readonly<Record<ModelFamily, Family>> = {
  'qwen2-vl': qwen2Vl,
  'qwen2.5-vl': qwen25Vl,
  'qwen3-vl': qwen3Vl,
  'qwen3.5': qwen35,
};

/**
 * The profile of a checkpoint of the hub, or of a folder in its layout. What its files leave out
 * has the default of its family (docs/models.md lists them).
 * @param files by name, as CHECKPOINT_FILES has them
 * @throws ErgoError `model-unsupported` for another family, `config-invalid` for files that cannot
 *   be read
 */
export function profileOfCheckpoint(
  files: CheckpointFiles,
  identity: CheckpointIdentity,
): ModelProfile {
  const json = files['config.json'];
  if (json === undefined) throw new ErgoError('config-invalid', 'There is no config.json.');
  const { model_type: modelType } = parseConfig('config.json', namedConfig, json);
  const family = Object.values(FAMILIES).find((known) => known.modelType === modelType);
  if (family === undefined) {
    const known = Object.values(FAMILIES).map(({ label }) => label);
    const message = `${identity.id} is of the family "${modelType}"; the app runs ${known.join(', ')}.`;
    throw new ErgoError('model-unsupported', message, { detail: { family: modelType } });
  }
  const profile = readCheckpoint(family, files, identity);
  return taughtTags(profile);
}

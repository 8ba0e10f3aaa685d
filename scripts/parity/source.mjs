/** A fixture of training/fixtures as a model source, by the checkpoint's own files and the app's own families. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { importSource } from '../lib/import-source.mjs';

/**
 * @param {string} folder holds hub/ and golden.json
 * @param {string} baseUrl of its hub/, with a slash at its end
 * @returns {Promise<Omit<import('../../src/models/source.ts').ModelSource, 'local'>>}
 */
export async function fixtureSource(folder, baseUrl) {
  /** @type {typeof import('../../src/models/families/registry.ts')} */
  const { profileOfCheckpoint } = await importSource('src/models/families/registry.ts');
  /** @type {typeof import('../../src/models/families/checkpoint.ts')} */
  const { CHECKPOINT_FILES } = await importSource('src/models/families/checkpoint.ts');
  const hub = path.join(folder, 'hub');
  const golden = JSON.parse(readFileSync(path.join(folder, 'golden.json'), 'utf8'));
  const names = readdirSync(hub, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => statSync(path.join(hub, name)).isFile());
  const files = names.map((name) => {
    const bytes = readFileSync(path.join(hub, name));
    return {
      path: name,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  });
  const described = CHECKPOINT_FILES.filter((name) => names.includes(name)).map((name) => {
    const text = readFileSync(path.join(hub, name), 'utf8');
    return [name, name.endsWith('.json') ? JSON.parse(text) : text];
  });
  const id = `fixture/${golden.family}-${golden.seed}`;
  return {
    baseUrl,
    files,
    profile: profileOfCheckpoint(Object.fromEntries(described), { id }),
    dtypes: Object.fromEntries(
      Object.entries(golden.sessions).map(([dtype, sessions]) => {
        const graphs = Object.values(sessions);
        return [
          dtype,
          {
            sessions,
            files: names.filter((name) => graphs.some((graph) => name.startsWith(graph))),
          },
        ];
      }),
    ),
  };
}

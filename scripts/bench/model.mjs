/** The model that is measured, found as the page finds it. */
import { importSource } from '../lib/import-source.mjs';

/**
 * @param {string} pageUrl what relative URLs begin at
 * @param {string | undefined} model as `--model` takes it; default: the embedded model
 * @param {string | undefined} hub a mirror
 * @returns what a report needs, and a text that changes when the model does
 */
export async function readModel(pageUrl, model, hub) {
  /** @type {typeof import('../../src/models/open.ts')} */
  const { openModel } = await importSource('src/models/open.ts');
  /** @type {typeof import('../../src/models/catalogue.ts')} */
  const { EMBEDDED } = await importSource('src/models/catalogue.ts');
  const source = await openModel(model ?? EMBEDDED.id, { hub, pageUrl });
  const { profile, files, texts } = source;
  return { source, profile, text: JSON.stringify({ files, texts }) };
}

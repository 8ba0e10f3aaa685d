/** The manifest of the model that is measured, as the page reads it. */
import { importSource } from '../lib/import-source.mjs';

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} model id of an embedded model, or URL of a model folder
 * @returns the manifest's text, and what of it a report needs
 */
export async function readModel(page, model) {
  const text = await page.evaluate(async (model) => {
    const folder = /^[\w.-]+$/.test(model) ? `models/${model}` : model;
    const url = folder.endsWith('.json') ? folder : `${folder.replace(/\/$/, '')}/manifest.json`;
    const response = await fetch(new URL(url, document.baseURI));
    if (!response.ok) throw new Error(`There is no model at ${response.url}.`);
    return response.text();
  }, model);
  /** @type {typeof import('../../src/models/manifest.ts')} */
  const { parseManifest, profileOf } = await importSource('src/models/manifest.ts');
  const manifest = parseManifest(JSON.parse(text));
  return { text, manifest, profile: profileOf(manifest) };
}

/** The file of `--prompts`: read here, checked by the page's own rules. */
import { readFileSync } from 'node:fs';
import { importSource } from './import-source.mjs';
import { UsageError } from './args.mjs';

/** @typedef {import('../../src/core/protocol/prompts.ts').PromptChanges} PromptChanges */

/**
 * @param {string | undefined} file
 * @returns {Promise<{ prompts?: PromptChanges }>} to be put into a request
 * @throws UsageError with a sentence for people
 */
export async function promptsOf(file) {
  if (file === undefined) return {};
  let json;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--prompts ${file}: ${reason}.`);
  }
  /** @type {typeof import('../../src/core/protocol/prompts.ts')} */
  const { parsePrompts } = await importSource('src/core/protocol/prompts.ts');
  try {
    return { prompts: parsePrompts(json) };
  } catch (error) {
    throw new UsageError(
      `--prompts ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Pages for rooms that have none of their own in the built site. */
import path from 'node:path';
import { build } from 'vite';

/**
 * Builds one HTML file as a site, with the app's own configuration.
 * @param input below the repository's root
 * @param site folder of the result, emptied first
 */
export async function buildBarePage(input: string, site: string): Promise<void> {
  await build({
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: site,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: { input: path.resolve(input) },
    },
  });
}

/**
 * `npm start`: installs what is missing, builds if a source changed, serves the page.
 * The port is 4173 or PORT; a taken one is replaced by a free one unless PORT asked for it.
 */
import path from 'node:path';
import { ensureBuild } from './lib/build.mjs';
import { ensureDeps } from './lib/deps.mjs';
import { fail, ROOT } from './lib/run.mjs';
import { serveFolder } from './lib/static-server.mjs';

await ensureDeps();
if ((await ensureBuild()) !== 0) fail('The build failed; see above.');

const dist = path.join(ROOT, 'dist');
const asked = process.env['PORT'];
const server = await serveFolder(dist, Number(asked ?? 4173)).catch(
  (/** @type {Error & { code?: string }} */ error) => {
    if (error.code === 'EADDRINUSE' && asked === undefined) return serveFolder(dist, 0);
    return fail(`Cannot serve on port ${asked ?? 4173}: ${error.message}`);
  },
);
console.log(`\n  ergo-web is served at ${server.url}\n  (Ctrl+C ends it)\n`);

/** Serves dist/ as it is. `node scripts/serve.mjs [--port 4173]` */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fail, ROOT } from './lib/run.mjs';
import { serveFolder } from './lib/static-server.mjs';

const { values } = parseArgs({ options: { port: { type: 'string', default: '4173' } } });
const server = await serveFolder(path.join(ROOT, 'dist'), Number(values.port)).catch(
  (/** @type {Error} */ error) => fail(`Port ${values.port}: ${error.message}`),
);
console.log(server.url);

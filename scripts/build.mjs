/** `npm run build`: builds dist/ unless it is current. `--force` builds anyway. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { ensureBuild } from './lib/build.mjs';
import { ensureDeps } from './lib/deps.mjs';
import { ROOT } from './lib/run.mjs';

await ensureDeps();
if (process.argv.includes('--force'))
  rmSync(path.join(ROOT, '.cache'), { recursive: true, force: true });
process.exitCode = await ensureBuild();

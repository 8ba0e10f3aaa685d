/** Entry of the Dawn kit: `node task.mjs TASK` runs one task (JSON) and prints its results, a line each. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installDawn } from '../../lib/dawn-globals.mjs';
import { runTask, type Task } from './steps.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const bindings = createRequire(import.meta.url)(path.join(here, 'dawn.node'));
const gpu = installDawn(bindings);
const task = JSON.parse(process.argv[2] ?? '') as Task | { kind: 'adapter' };

const emit = (result: object): void => {
  // Of this process: what the weights and the engine need on this side.
  const peakBytes = 1024 * process.resourceUsage().maxRSS;
  console.log(JSON.stringify({ ...result, peakBytes }));
};

try {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (task.kind === 'adapter') {
    const { vendor, architecture, device, description } = adapter?.info ?? {};
    const name = [vendor, architecture, device, description].filter(Boolean).join(' ');
    const half = adapter?.features.has('shader-f16') === true;
    emit({ adapter: name, half, cores: os.availableParallelism() });
  } else {
    await runTask(
      {
        read: async (file) => new Uint8Array(await readFile(path.join(here, file))),
        runtimeUrl: pathToFileURL(`${here}/ort/`).href,
        emit,
      },
      task,
    );
  }
  emit({ done: true });
  process.exit(0);
} catch (error) {
  emit({ error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  process.exit(1);
}

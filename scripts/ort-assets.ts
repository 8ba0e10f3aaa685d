/** Vite plugin: serves onnxruntime-web's wasm files from our own origin, below ort/. */
import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Plugin } from 'vite';
import { RUNTIME_BUILDS, runtimeFile } from '../src/core/contracts/runtime-files.ts';

/** Of every build; a visitor fetches the two of one. */
const FILES = RUNTIME_BUILDS.flatMap((build) => [
  runtimeFile(build, 'mjs'),
  runtimeFile(build, 'wasm'),
]);

const TYPES: Record<string, string> = { '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

export function ortAssets(): Plugin {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-web/webgpu');
  const folder = path.dirname(entry);
  return {
    name: 'ort-assets',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = /\/ort\/([\w.-]+)(?:\?.*)?$/.exec(request.url ?? '')?.[1];
        if (name === undefined || !FILES.includes(name)) return next();
        response.setHeader('Content-Type', TYPES[path.extname(name)] ?? '');
        createReadStream(path.join(folder, name)).pipe(response);
      });
    },
    generateBundle() {
      // Worker bundles run this plugin's hooks too; the files are wanted once.
      if (this.environment.config.isWorker) return;
      for (const name of FILES) {
        this.emitFile({
          type: 'asset',
          fileName: `ort/${name}`,
          source: readFileSync(path.join(folder, name)),
        });
      }
    },
  };
}

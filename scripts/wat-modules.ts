/** Vite plugin: `import bytes from './x.wat'` compiles WebAssembly's text format to its bytes. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'vite';
import wabt from 'wabt';

export function watModules(): Plugin {
  return {
    name: 'wat-modules',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith('.wat')) return null;
      const tools = await wabt();
      const text = await readFile(id, 'utf8');
      const parsed = tools.parseWat(path.basename(id), text, { simd: true });
      try {
        parsed.validate();
        const base64 = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
        return `export default Uint8Array.from(atob('${base64}'), (byte) => byte.charCodeAt(0));`;
      } finally {
        parsed.destroy();
      }
    },
  };
}

import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { buildList } from './scripts/build-list.ts';
import { HEADERS_WITHOUT_POLICY } from './scripts/lib/page-headers.mjs';
import { ortAssets } from './scripts/ort-assets.ts';
import { pagePolicy } from './scripts/page-policy.ts';
import { siteAddress } from './scripts/site-address.ts';
import { watModules } from './scripts/wat-modules.ts';

// The "extern" builds load the wasm files from `env.wasm.wasmPaths`; the default ones would put a
// second copy of 27 MB into assets/.
const conditions = ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions];

export default defineConfig({
  base: './',
  plugins: [react(), ortAssets(), watModules(), siteAddress(), pagePolicy(), buildList()],
  resolve: { conditions },
  worker: { format: 'es', plugins: () => [watModules()] },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // One sheet of some kilobytes: one less that can be lost on its way.
    cssCodeSplit: false,
    rolldownOptions: {
      input: { index: 'index.html', offline: 'src/workers/offline.sw.ts' },
      output: {
        // A service worker serves its own folder only, and is found by its name.
        entryFileNames: ({ name }) =>
          name === 'offline' ? 'offline.sw.js' : 'assets/[name]-[hash].js',
      },
    },
  },
  optimizeDeps: { exclude: ['onnxruntime-web', '@huggingface/transformers'] },
  // Without isolation there is no SharedArrayBuffer, and wasm runs on one thread.
  server: { headers: HEADERS_WITHOUT_POLICY },
});

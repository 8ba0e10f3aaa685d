import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { buildList } from './scripts/build-list.ts';
import { ortAssets } from './scripts/ort-assets.ts';
import { siteAddress } from './scripts/site-address.ts';
import { watModules } from './scripts/wat-modules.ts';

/** Without isolation there is no SharedArrayBuffer, and wasm runs on one thread. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

// The "extern" builds load the wasm files from `env.wasm.wasmPaths`; the default ones would put a
// second copy of 27 MB into assets/.
const conditions = ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions];

export default defineConfig({
  base: './',
  plugins: [react(), ortAssets(), watModules(), siteAddress(), buildList()],
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
  server: { headers: isolation },
  preview: { headers: isolation },
});

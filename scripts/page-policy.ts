/** Vite plugin: the headers of the page, as its own element and as a file for hosts that read it. */
import type { Plugin } from 'vite';
import { HEADERS_FILE, META_POLICY } from './lib/page-headers.mjs';

export function pagePolicy(): Plugin {
  return {
    name: 'page-policy',
    // The development server adds scripts of its own to the page.
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: META_POLICY },
        // Before anything that it governs.
        injectTo: 'head-prepend',
      },
    ],
    generateBundle() {
      // Worker bundles run this plugin's hooks too; the file is wanted once.
      if (this.environment.config.isWorker) return;
      this.emitFile({ type: 'asset', fileName: '_headers', source: HEADERS_FILE });
    },
  };
}

/** Serves the browser kit to the browser beside it, and takes what its page posts. */
import { createServer } from 'node:http';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
};
/** Without isolation there are no wasm threads. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * The site's own page with the kit's script in it: its policy lets no other page frame it.
 * @param {string} folder
 */
function siteWithScript(folder) {
  const page = readFileSync(path.join(folder, 'page/scripts/gpu/kit/page.html'), 'utf8');
  const script = /assets\/[\w.-]+\.js/.exec(page)?.[0] ?? '';
  const site = readFileSync(path.join(folder, 'site/index.html'), 'utf8');
  return site.replace('</body>', `<script type="module" src="./${script}"></script></body>`);
}

/**
 * @param {string} folder holds site/, which is looked into after the kit's own files
 * @param {(result: import('./report.mjs').Result) => void} onResult
 * @returns {Promise<{ url: string, close(): void }>}
 */
export function openServer(folder, onResult) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (/** @type {Buffer} */ data) => (body += data.toString()));
      request.on('end', () => {
        response.writeHead(204, HEADERS).end();
        onResult(JSON.parse(body));
      });
      return;
    }
    if (pathname === '/app.html') {
      response.writeHead(200, { ...HEADERS, 'Content-Type': TYPES['.html'] });
      return void response.end(siteWithScript(folder));
    }
    const file = ['page', 'site']
      .map((place) => path.join(folder, place, path.posix.normalize(decodeURIComponent(pathname))))
      .find((name) => existsSync(name) && statSync(name).isFile());
    if (file === undefined) return void response.writeHead(404, HEADERS).end();
    const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, {
      ...HEADERS,
      'Content-Type': type,
      'Content-Length': statSync(file).size,
    });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      resolve({ url: `http://localhost:${port}/`, close: () => server.close() });
    });
  });
}

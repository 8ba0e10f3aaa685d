/**
 * Serves a folder on this machine as a good host would: with the page's headers, and with byte
 * ranges for resumed downloads. It answers GET and HEAD to its own names only, so that a page of
 * another site cannot read here under a name that it made point to this machine.
 */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { PAGE_HEADERS } from './page-headers.mjs';
import { linksWithin, servedFile } from './served-file.mjs';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.jsonl': 'application/jsonl',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * @param {string} root folder to serve
 * @param {number} port 0 for any free one
 * @param {string} [host] name or address of this machine to listen on
 * @param {Readonly<Record<string, string>>} [mounts] further folders, by the first part of their path
 * @returns {Promise<{ url: string, close(): void }>} rejects with EADDRINUSE if the port is taken
 */
export function serveFolder(root, port, host = 'localhost', mounts = {}) {
  const server = createServer((request, response) => {
    /** @param {number} status @param {string} why @param {Record<string, string>} [more] */
    const refuse = (status, why, more) => {
      response.writeHead(status, { 'Content-Type': 'text/plain', ...PAGE_HEADERS, ...more });
      response.end(`${why}\n`);
    };
    if (![...LOOPBACK, nameOf(host)].includes(nameOf(request.headers.host))) {
      return refuse(421, 'This server has another name.');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(405, 'Files can be read only.', { Allow: 'GET, HEAD' });
    }
    const url = request.url ?? '/';
    const [, first = '', rest = '/'] = /^\/([^/?]+)(\/.*)?$/.exec(url) ?? [];
    const mounted = mounts[first];
    const file =
      mounted === undefined
        ? servedFile(root, url)
        : servedFile(mounted, rest, linksWithin(mounted));
    if (file === undefined) return refuse(404, 'There is no such file.');
    const { size, mtime } = statSync(file);
    const headers = {
      'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream',
      'Cache-Control': 'no-cache',
      'Last-Modified': mtime.toUTCString(),
      'Accept-Ranges': 'bytes',
      ...PAGE_HEADERS,
    };
    const range = parseRange(request.headers.range, size);
    if (range === 'unsatisfiable') {
      response.writeHead(416, { ...headers, 'Content-Range': `bytes */${size}` }).end();
      return;
    }
    const { start, end } = range ?? { start: 0, end: size - 1 };
    response.writeHead(range ? 206 : 200, {
      ...headers,
      'Content-Length': end - start + 1,
      ...(range && { 'Content-Range': `bytes ${start}-${end}/${size}` }),
    });
    if (request.method === 'HEAD' || size === 0) response.end();
    else
      createReadStream(file, { start, end })
        .on('error', () => response.destroy())
        .pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      const actual = typeof address === 'object' && address ? address.port : port;
      resolve({ url: `http://${host}:${actual}/`, close: () => void server.close() });
    });
  });
}

/** @param {string | undefined} host as a request names it, perhaps with a port */
function nameOf(host = '') {
  return host.replace(/:\d+$/, '').toLowerCase();
}

/**
 * @param {string | undefined} header "bytes=a-b", "bytes=a-" or "bytes=-n"
 * @param {number} size
 * @returns {{ start: number, end: number } | 'unsatisfiable' | undefined}
 */
function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const last = size - 1;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? last : Math.min(Number(match[2]), last);
  return start > end ? 'unsatisfiable' : { start, end };
}

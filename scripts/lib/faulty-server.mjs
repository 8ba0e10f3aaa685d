/** The site behind a bad network: what is lost, or answered by a portal, is asked of a function. */
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { serveFolder } from './static-server.mjs';

/**
 * `html`: a page of somebody else with status 200; `error`: status 503; `cut`: the connection ends
 * before a byte; `half`: it ends in the middle.
 * @typedef {'html' | 'error' | 'cut' | 'half' | undefined} Fault
 */

const PORTAL = '<!doctype html><title>Portal</title><h1>Sign in to the guest network</h1>';

const none = () => undefined;

/**
 * @param {string} root folder of the site
 * @param {string} [below] sub-path at which it is served, with slashes around it
 * @returns {Promise<{
 *   url: string,
 *   asked: string[],
 *   setFault(fault: (path: string, times: number) => Fault): void,
 *   close(): void,
 * }>} `times`: how often this path was asked for before
 */
export async function serveFaulty(root, below = '/') {
  const site = await serveFolder(root, 0);
  /** @type {string[]} */
  const asked = [];
  /** @type {(path: string, times: number) => Fault} */
  let faultOf = none;
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').replace(/[?#].*/, '').slice(below.length);
    const times = asked.filter((other) => other === path).length;
    asked.push(path);
    const fault = faultOf(path, times);
    if (fault === 'cut') return void response.destroy();
    if (fault === 'error') return void response.writeHead(503).end();
    if (fault === 'html') {
      return void response.writeHead(200, { 'Content-Type': 'text/html' }).end(PORTAL);
    }
    const headers = request.headers.range ? { Range: request.headers.range } : {};
    const pass = async () => {
      const answer = await fetch(site.url + path, { method: request.method ?? 'GET', headers });
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (!answer.body) return void response.end();
      if (fault !== 'half') {
        return void Readable.fromWeb(/** @type {any} */ (answer.body)).pipe(response);
      }
      const bytes = new Uint8Array(await answer.arrayBuffer());
      response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
    };
    pass().catch(() => response.destroy());
  });
  await new Promise((resolve) => server.listen(0, 'localhost', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://localhost:${port}${below}`,
    asked,
    setFault: (fault) => void (faultOf = fault),
    close() {
      server.close();
      server.closeAllConnections();
      site.close();
    },
  };
}

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGE_HEADERS } from './page-headers.mjs';
import { serveFolder } from './static-server.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'ergo-server-'));
const site = path.join(folder, 'site');
const repo = path.join(folder, 'models--maker--tiny');
const snapshot = path.join(repo, 'snapshots', 'a1');
let server: Awaited<ReturnType<typeof serveFolder>>;

beforeAll(async () => {
  for (const name of [path.join(site, '.git'), path.join(repo, 'blobs'), snapshot]) {
    mkdirSync(name, { recursive: true });
  }
  writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  writeFileSync(path.join(site, 'index.html'), '<p>');
  writeFileSync(path.join(site, '.env'), 'secret');
  writeFileSync(path.join(site, '.git', 'config'), 'secret');
  writeFileSync(path.join(site, 'empty.json'), '');
  writeFileSync(path.join(site, 'run.mjs'), '0123456789');
  writeFileSync(path.join(site, 'run.wasm'), '0');
  symlinkSync(path.join(folder, 'secret.txt'), path.join(site, 'link.txt'));
  symlinkSync(folder, path.join(site, 'up'));
  symlinkSync(path.join(site, 'run.mjs'), path.join(site, 'alias.mjs'));
  writeFileSync(path.join(repo, 'blobs', 'b2'), '{}');
  symlinkSync('../../blobs/b2', path.join(snapshot, 'config.json'));
  symlinkSync(path.join(folder, 'secret.txt'), path.join(snapshot, 'out.json'));
  server = await serveFolder(site, 0, 'localhost', { model: snapshot });
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Unlike fetch, it sends paths and Host headers as they are written. */
function ask(path: string, options: { method?: string; headers?: object } = {}): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {} } = options;
    const asked = request({ hostname, port, path, method, headers: { ...headers } }, (response) => {
      let body = '';
      response.on('data', (part: Buffer) => (body += part.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body }),
      );
    });
    asked.on('error', reject).end();
  });
}

const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;

describe('the local server', () => {
  it('answers with the type and the headers of the page', async () => {
    for (const [file, type] of [
      ['/', 'text/html; charset=utf-8'],
      ['/run.mjs', 'text/javascript'],
      ['/run.wasm', 'application/wasm'],
      ['/alias.mjs?x=1', 'text/javascript'],
      ['/nothing', 'text/plain'],
    ] as const) {
      const { headers } = await ask(file);
      expect([file, headers['content-type']]).toEqual([file, type]);
      for (const [name, value] of Object.entries(PAGE_HEADERS)) {
        expect([file, headers[name.toLowerCase()]]).toEqual([file, value]);
      }
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('refuses %s', async (method) => {
    const { status, headers } = await ask('/run.mjs', { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it.each([
    '/.env',
    '/.git/config',
    '/%2egit/config',
    '/.git%2fconfig',
    '/link.txt',
    '/up/secret.txt',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/x/..%2f..%2fsecret.txt',
    '//secret.txt',
    '/run.mjs%00.txt',
    '/%',
    '/model/out.json',
    '/model/..%2f..%2f..%2fsecret.txt',
    '/site',
  ])('has no file at %s', async (path) => {
    const { status, body } = await ask(path);
    expect([status, body.includes('secret')]).toEqual([404, false]);
  });

  it.each([
    'evil.example',
    'evil.example:80',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '192.0.2.1',
  ])('has not the name "%s"', async (host) => {
    expect(await statusOf('/run.mjs', { headers: { host } })).toBe(421);
  });

  it.each(['localhost', 'LOCALHOST:1', '127.0.0.1:4173', '[::1]:4173'])(
    'has the name %s',
    async (host) => {
      expect(await statusOf('/run.mjs', { headers: { host } })).toBe(200);
    },
  );

  it('follows links inside of a folder, and of the hub’s cache into its blobs', async () => {
    expect((await ask('/alias.mjs')).body).toBe('0123456789');
    expect((await ask('/model/config.json')).body).toBe('{}');
  });

  it.each([
    ['bytes=2-4', 206, '234'],
    ['bytes=7-', 206, '789'],
    ['bytes=-2', 206, '89'],
    ['bytes=5-99', 206, '56789'],
    ['bytes=10-', 416, ''],
    ['bytes=4-2', 416, ''],
    ['lines=1-2', 200, '0123456789'],
  ])('sends the range %s', async (range, status, body) => {
    expect(await ask('/run.mjs', { headers: { range } })).toMatchObject({ status, body });
  });

  it('sends no body for HEAD and of an empty file', async () => {
    const head = await ask('/run.mjs', { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '10', '']);
    expect(await ask('/empty.json')).toMatchObject({ status: 200, body: '' });
  });
});

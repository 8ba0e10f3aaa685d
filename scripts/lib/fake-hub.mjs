/**
 * A hub on this machine that answers as Hugging Face's does to a page without an account: listings
 * with sizes and hashes, 307 for small files, 302 to another origin for large ones, byte ranges,
 * refusals with their codes. It also does on request what networks do: cut, falter, lie.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */

/**
 * @typedef {{
 *   folder: string,
 *   gated?: boolean,
 *   private?: boolean,
 * }} FakeRepo a model's files; its commit is made from them
 */

/** @typedef {{ path: string, file: string, bytes: number, gitBlob: string, sha256: string | null }} Entry */

/** Everything that was asked for. @typedef {{ host: 'hub' | 'cdn', method: string, url: string, path: string | null, range: string | null, referrer: string | null, status: number, sent: number }} Asked */

/** These go to the CDN, as .gitattributes of the hub's models say; and whatever is larger than 10 MB. */
const LARGE = /\.onnx(_data(_\d+)?)?$|\.safetensors$|\.bin$/;
const LARGE_BYTES = 10 * 1024 * 1024;

const EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,' +
  'Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash';

/** Milliseconds before a connection is cut. */
const CATCH_UP = 300;
/** Bytes per write to a connection. */
const PIECE = 16 * 1024;

/**
 * @param {Readonly<Record<string, FakeRepo>>} repos by owner/name
 * @param {{ host?: string, port?: number }} [where]
 */
export async function serveFakeHub(repos, { host = '127.0.0.1', port = 0 } = {}) {
  const models = new Map(Object.entries(repos).map(([name, repo]) => [name, readRepo(repo)]));
  /** @type {Asked[]} */
  const asked = [];
  const faults = {
    /** Nobody answers: every connection is closed. */
    isDown: false,
    /** @type {Map<string, number[]>} by path: the connection is cut once at each of these bytes */
    cuts: new Map(),
    /** @type {Set<string>} paths of which one byte is wrong */
    wrong: new Set(),
    /** The next so many requests get 429. @type {{ count: number, seconds: number | null }} */
    limit: { count: 0, seconds: null },
    /** Bytes per second of each connection; 0: as fast as it goes. */
    rate: 0,
  };

  const hub = createServer((request, response) => {
    void answer('hub', request, response, onHub);
  });
  const cdn = createServer((request, response) => {
    void answer('cdn', request, response, onCdn);
  });
  const url = await listen(hub, host, port);
  const cdnUrl = await listen(cdn, host, 0);

  /**
   * @param {'hub' | 'cdn'} where
   * @param {Request} request
   * @param {Response} response
   * @param {(url: URL, request: Request, response: Response, entry: Asked) => void | Promise<void>} handle
   */
  async function answer(where, request, response, handle) {
    if (faults.isDown) return void request.socket.destroy();
    const { method = 'GET', headers } = request;
    const target = new URL(request.url ?? '/', url);
    const range = headers.range ?? null;
    const referrer = headers.referer ?? null;
    /** @type {Asked} */
    const entry = {
      host: where,
      method,
      url: target.pathname,
      path: null,
      range,
      referrer,
      status: 0,
      sent: 0,
    };
    asked.push(entry);
    response.on('close', () => (entry.status = response.statusCode));
    if (where === 'hub') {
      response.setHeader('Access-Control-Allow-Origin', headers.origin ?? '*');
      response.setHeader('Vary', 'Origin');
      response.setHeader('Access-Control-Expose-Headers', EXPOSED);
    } else {
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.setHeader('Access-Control-Expose-Headers', '*');
    }
    await handle(target, request, response, entry);
  }

  /** @type {Parameters<typeof answer>[3]} */
  async function onHub(target, request, response, entry) {
    if (faults.limit.count > 0) {
      faults.limit.count--;
      const { seconds } = faults.limit;
      if (seconds !== null) {
        response.setHeader('RateLimit', `"api";r=0;t=${seconds}`);
        response.setHeader('RateLimit-Policy', '"fixed window";"api";q=500;w=300');
        response.setHeader(
          'Access-Control-Expose-Headers',
          `${EXPOSED},RateLimit,RateLimit-Policy`,
        );
      }
      return refuse(response, 429, null, 'We had to rate limit your IP.');
    }
    const api = /^\/api\/models\/([^/]+\/[^/]+)(?:\/revision\/([^/]+))?$/.exec(target.pathname);
    if (api) return list(response, api[1] ?? '', api[2], target.searchParams.has('blobs'));
    const cached = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/(.+)$/.exec(
      target.pathname,
    );
    const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(target.pathname);
    const [, name = '', revision = '', file = ''] = (cached ?? resolve ?? []).map(
      decodeURIComponent,
    );
    if (name === '') return refuse(response, 404, null, 'Not found');
    const model = models.get(name);
    if (!model || model.isPrivate) {
      return refuse(response, 401, 'RepoNotFound', 'Invalid username or password.');
    }
    if (model.isGated) {
      const message = `Access to model ${name} is restricted.`;
      return refuse(response, 401, 'GatedRepo', message);
    }
    if (!model.isRevision(revision)) {
      return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    }
    const found = model.files.find((candidate) => candidate.path === file);
    if (!found) return refuse(response, 404, 'EntryNotFound', 'Entry not found');
    entry.path = found.path;
    if (cached) return send(request, response, found, entry);
    response.setHeader('X-Repo-Commit', model.commit);
    response.setHeader('X-Linked-Size', found.bytes);
    response.setHeader('X-Linked-ETag', `"${found.sha256 ?? found.gitBlob}"`);
    const at = `${name}/${model.commit}/${file}`;
    const location =
      found.sha256 === null
        ? `/api/resolve-cache/models/${at}?etag=${found.gitBlob}`
        : `${cdnUrl}/repos/${at}?X-Amz-Signature=${found.sha256.slice(0, 16)}`;
    response.writeHead(found.sha256 === null ? 307 : 302, { Location: location }).end();
  }

  /** @type {Parameters<typeof answer>[3]} */
  function onCdn(target, request, response, entry) {
    const [, name = '', file = ''] =
      /^\/repos\/([^/]+\/[^/]+)\/[^/]+\/(.+)$/.exec(target.pathname) ?? [];
    const found = models.get(name)?.files.find((candidate) => candidate.path === file);
    if (!found || !target.searchParams.has('X-Amz-Signature')) {
      return refuse(response, 403, null, 'Forbidden');
    }
    entry.path = found.path;
    return send(request, response, found, entry);
  }

  /** @param {Response} response @param {string} name @param {string | undefined} revision @param {boolean} blobs */
  function list(response, name, revision, blobs) {
    const model = models.get(name);
    if (!model || model.isPrivate) {
      return refuse(response, 401, 'RepoNotFound', 'Invalid username or password.');
    }
    if (revision !== undefined && !model.isRevision(decodeURIComponent(revision))) {
      return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    }
    const siblings = model.files.map(({ path: rfilename, bytes: size, gitBlob, sha256 }) => {
      if (!blobs) return { rfilename };
      const lfs = sha256 === null ? {} : { lfs: { sha256, size, pointerSize: 134 } };
      return { rfilename, size, blobId: gitBlob, ...lfs };
    });
    const { commit: sha, isGated } = model;
    const body = { _id: sha.slice(0, 24), id: name, modelId: name, sha, siblings, private: false };
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ ...body, gated: isGated ? 'auto' : false }));
  }

  /**
   * @param {Request} request @param {Response} response @param {Entry} found @param {Asked} entry
   */
  async function send(request, response, { path: name, file, bytes }, entry) {
    const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const start = Number(match?.[1] ?? 0);
    const end = match?.[2] ? Math.min(Number(match[2]), bytes - 1) : bytes - 1;
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('ETag', `"${createHash('md5').update(name).digest('hex')}"`);
    response.setHeader(
      'Content-Type',
      name.endsWith('.json') ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    );
    if (match && start >= bytes) {
      response.writeHead(416, { 'Content-Range': `bytes */${bytes}` }).end();
      return;
    }
    response.writeHead(match ? 206 : 200, {
      'Content-Length': end - start + 1,
      ...(match && { 'Content-Range': `bytes ${start}-${end}/${bytes}` }),
    });
    if (request.method === 'HEAD' || bytes === 0) return void response.end();
    const cuts = faults.cuts.get(name) ?? [];
    let at = start;
    for await (const piece of createReadStream(file, { start, end, highWaterMark: PIECE })) {
      const data = /** @type {Buffer} */ (piece);
      if (faults.wrong.has(name) && at === 0)
        data.writeUInt8(data.readUInt8(data.length >> 1) ^ 1, data.length >> 1);
      const cut = cuts.findIndex((byte) => byte >= at && byte < at + data.length);
      const [byte] = cut === -1 ? [] : cuts.splice(cut, 1);
      const part = byte === undefined ? data : data.subarray(0, byte - at);
      if (response.destroyed || faults.isDown) return void request.socket.destroy();
      await new Promise((resolve) => response.write(part, resolve));
      entry.sent += part.length;
      at += part.length;
      if (byte !== undefined) {
        // A reader who is behind loses what lies unread in its browser. That is counted as sent, and
        // is none of the store's business: time to catch up.
        await new Promise((resolve) => setTimeout(resolve, CATCH_UP));
        request.socket.destroySoon();
        return;
      }
      if (faults.rate > 0) {
        await new Promise((resolve) => setTimeout(resolve, (1000 * part.length) / faults.rate));
      }
    }
    response.end();
  }

  /** @param {string} name of a repository. @returns its files as the listing has them */
  const filesOf = (name) => models.get(name)?.files ?? [];
  /** @param {string} name */
  const commitOf = (name) => models.get(name)?.commit ?? '';
  const close = () => {
    for (const server of [hub, cdn]) {
      server.close();
      server.closeAllConnections();
    }
  };
  return { url, cdnUrl, asked, faults, filesOf, commitOf, close };
}

/** @param {FakeRepo} repo */
function readRepo({ folder, gated = false, private: isPrivate = false }) {
  if (!existsSync(folder)) throw new Error(`${folder} is no folder.`);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names
    .map((name) => ({ name, file: path.join(folder, name) }))
    .filter(({ file }) => statSync(file).isFile())
    .map(({ name, file }) => describe(name.split(path.sep).join('/'), file))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const listing = files.map((entry) => `${entry.gitBlob} ${entry.path}`).join('\n');
  const commit = createHash('sha1').update(listing).digest('hex');
  /** @param {string} revision */
  const isRevision = (revision) => revision === 'main' || revision === commit;
  return { files, commit, isGated: gated, isPrivate, isRevision };
}

/** @param {string} name @param {string} file @returns {Entry} */
function describe(name, file) {
  const content = readFileSync(file);
  const bytes = content.length;
  const isLarge = LARGE.test(name) || bytes > LARGE_BYTES;
  const sha256 = isLarge ? createHash('sha256').update(content).digest('hex') : null;
  // Git has a pointer in place of a large file.
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes}\n`;
  const stored = isLarge ? Buffer.from(pointer) : content;
  const gitBlob = createHash('sha1').update(`blob ${stored.length}\0`).update(stored).digest('hex');
  return { path: name, file, bytes, gitBlob, sha256 };
}

/** @param {Response} response @param {number} status @param {string | null} code @param {string} message */
function refuse(response, status, code, message) {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'X-Error-Message': message,
    ...(code !== null && { 'X-Error-Code': code }),
  });
  response.end(JSON.stringify({ error: message }));
}

/** @param {import('node:http').Server} server @param {string} host @param {number} port @returns {Promise<string>} */
function listen(server, host, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (typeof address === 'object' && address) resolve(`http://${host}:${address.port}`);
    });
  });
}

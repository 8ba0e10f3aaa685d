/** The URL of a folder as a model folder. Nobody lists it, so its files are asked for by name. */
import { ErgoError, hasCode } from '../core/errors.ts';
import { DESCRIPTIONS, MANIFEST, type ModelFolder } from './folder.ts';
import {
  askAgain,
  askWhole,
  hostOf,
  isPage,
  type AskOptions,
  type Network,
  type OnWait,
} from './hub/fetch.ts';
import { dataPath, possibleGraphs } from './layout.ts';
import type { ModelFile } from './source.ts';

export interface UrlOptions {
  readonly network: Network;
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: OnWait | undefined;
}

/** Servers compress JSON, and then tell another length: what is JSON is read whole. */
const TEXTS = [...DESCRIPTIONS, 'tokenizer.json'];

/**
 * @param url absolute; of the folder or of its manifest.json
 * @throws ErgoError `weights-missing` where there is no model, `offline`, `download-interrupted`
 */
export async function readUrlFolder(url: string, options: UrlOptions): Promise<ModelFolder> {
  const baseUrl = baseOf(url);
  const folder = { id: nameOf(baseUrl), reference: baseUrl, baseUrl };
  const manifest = await readText(MANIFEST, baseUrl, options);
  if (manifest !== null) return { ...folder, files: [], texts: { [MANIFEST]: manifest } };
  const found = await Promise.all(
    TEXTS.filter((path) => path !== MANIFEST).map(
      async (path) => [path, await readText(path, baseUrl, options)] as const,
    ),
  );
  const texts = Object.fromEntries(
    found.filter((entry): entry is [string, string] => entry[1] !== null),
  );
  if (texts['config.json'] === undefined) {
    throw new ErgoError('weights-missing', `There is no model at ${baseUrl}.`);
  }
  const small = Object.entries(texts).map(([path, text]): ModelFile => {
    return { path, bytes: new TextEncoder().encode(text).byteLength, sha256: null };
  });
  const large = await Promise.all(
    possibleGraphs().map((graph) => graphWithData(graph, baseUrl, options)),
  );
  return { ...folder, files: [...small, ...large.flat()], texts };
}

/** @returns null if there is no such file */
async function readText(
  path: string,
  baseUrl: string,
  options: UrlOptions,
): Promise<string | null> {
  // Whoever exports anew to the same place wants to see it: asked for, but not fetched, each time.
  const found = await orNull(askWhole(...asked(path, baseUrl, options, { cache: 'no-cache' })));
  return found && !isPage(found) ? new TextDecoder().decode(found.bytes) : null;
}

async function graphWithData(
  graph: string,
  baseUrl: string,
  options: UrlOptions,
): Promise<ModelFile[]> {
  const files: ModelFile[] = [];
  for (let path = graph; ; path = dataPath(graph, files.length - 1)) {
    const file = await sizeOf(path, baseUrl, options);
    if (file === null) return files;
    files.push(file);
  }
}

async function sizeOf(
  path: string,
  baseUrl: string,
  options: UrlOptions,
): Promise<ModelFile | null> {
  const head = asked(path, baseUrl, options, { method: 'HEAD' });
  const response = await orNull(askAgain(...head, async (response) => response));
  if (response === null || isPage(response)) return null;
  const length = response.headers.get('Content-Length');
  if (length === null || !/^\d+$/.test(length)) {
    const message = `${hostOf(baseUrl)} does not tell how long ${path} is.`;
    throw new ErgoError('model-unsupported', message, { detail: { file: path } });
  }
  const version = response.headers.get('Last-Modified');
  return { path, bytes: Number(length), sha256: null, ...(version !== null && { version }) };
}

function asked(
  path: string,
  baseUrl: string,
  { network, signal, onWait }: UrlOptions,
  init: RequestInit,
): [string, AskOptions] {
  const subject = { model: hostOf(baseUrl), file: path };
  return [new URL(path, baseUrl).href, { subject, network, signal, onWait, init }];
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (thrown) {
    if (hasCode(thrown, 'weights-missing')) return null;
    throw thrown;
  }
}

/** @param url of a folder, or of its manifest.json. @returns with a slash at its end */
export function baseOf(url: string): string {
  const isFile = url.endsWith('.json') || url.endsWith('/');
  return new URL('.', isFile ? url : `${url}/`).href;
}

function nameOf(baseUrl: string): string {
  const { pathname, host } = new URL(baseUrl);
  return decodeURIComponent(pathname.split('/').at(-2) ?? '') || host;
}

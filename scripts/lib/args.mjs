/** Pieces of command lines. No browser, no packages: tested by themselves. */
import { parseArgs } from 'node:util';

/** The same names as src/core/policies/registry.ts; a test compares them. */
export const POLICIES = ['coarse-to-fine', 'full-resolution', 'coarse-only', 'on-demand', 'search'];
export const DEVICES = ['auto', 'webgpu', 'wasm'];
const ENGINES = ['ergo', 'transformers.js'];

/** Wrong arguments, in a sentence for people. */
export class UsageError extends Error {}

/**
 * parseArgs of Node, with a UsageError of ours.
 * @template {import('node:util').ParseArgsConfig} T
 * @param {T} config
 * @returns {ReturnType<typeof parseArgs<T>>}
 */
export function parse(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} name @param {string} value @param {readonly string[]} known */
export function oneOf(name, value, known) {
  if (known.includes(value)) return value;
  throw new UsageError(`--${name} ${value}: it is one of ${known.join(', ')}.`);
}

/**
 * @param {string} name
 * @param {string | undefined} value
 * @param {{ from: number, to?: number, of?: string }} range
 * @returns {number | undefined}
 */
export function whole(name, value, { from, to = Number.MAX_SAFE_INTEGER, of = '' }) {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= from && number <= to) return number;
  const span = to === Number.MAX_SAFE_INTEGER ? `from ${from}` : `from ${from} to ${to}`;
  throw new UsageError(`--${name} ${value}: it is a whole number${of} ${span}.`);
}

/** Of a view. @param {string} name @param {string | undefined} value */
export function budget(name, value) {
  return whole(name, value, { from: 64, to: 1280, of: ' of tokens' });
}

/** @typedef {import('../../src/core/contracts/automation.ts').EngineName} EngineName */

/** @param {string} value @returns {EngineName} */
export function engineOf(value) {
  return /** @type {EngineName} */ (oneOf('engine', value, ENGINES));
}

/**
 * Which model, for the page to look up.
 * @param {{ model?: string | undefined, hub?: string | undefined }} values
 */
export function modelChoice({ model, hub }) {
  if (hub !== undefined && !/^https?:\/\//.test(hub)) {
    throw new UsageError(`--hub ${hub}: it begins with https:// or http://.`);
  }
  return { ...(model !== undefined && { model }), ...(hub !== undefined && { hub }) };
}

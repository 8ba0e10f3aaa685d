/**
 * Lint rule `rooms/imports`: which folder of src/ may import from which, and which packages are
 * reserved to a folder. The table below IS the architecture picture of docs/architecture.md.
 */
import path from 'node:path';

/** Room -> rooms it may import from (besides itself). Longest match wins. */
export const ROOMS = {
  'src/core': [],
  'src/models': ['src/core'],
  'src/imaging': ['src/core'],
  'src/engine': ['src/core', 'src/models'],
  'src/peer': ['src/core', 'src/models', 'src/engine'],
  'src/workers/rpc': ['src/core'],
  'src/workers/protocol.ts': ['src/core', 'src/models', 'src/workers/rpc'],
  'src/workers/clients': ['src/core', 'src/models', 'src/workers/rpc', 'src/workers/protocol.ts'],
  'src/workers': [
    'src/core',
    'src/models',
    'src/imaging',
    'src/engine',
    'src/peer',
    'src/workers/rpc',
    'src/workers/protocol.ts',
  ],
  'src/ui': ['src/core'],
  'src/features': ['src/core', 'src/models', 'src/ui', 'src/workers/clients'],
  'src/app': ['src/core', 'src/models', 'src/ui', 'src/workers/clients', 'src/features'],
  'src/main.tsx': ['src/app'],
};

/** Package -> rooms that may import it. Packages not listed are free, except in core. */
export const RESERVED = {
  'onnxruntime-web': ['src/engine'],
  'onnxruntime-common': ['src/engine'],
  '@huggingface/transformers': ['src/engine', 'src/models', 'src/peer'],
  react: ['src/ui', 'src/features', 'src/app', 'src/main.tsx'],
  'react-dom': ['src/ui', 'src/features', 'src/app', 'src/main.tsx'],
};

/** Packages that core may use: they are plain TypeScript and run anywhere. */
export const CORE_PACKAGES = ['zod', 'hyparquet', 'hash-wasm'];

/** @param {string} file path relative to the repository, with forward slashes */
export function roomOf(file) {
  const found = Object.keys(ROOMS).filter((room) => file === room || file.startsWith(`${room}/`));
  return found.sort((a, b) => b.length - a.length)[0];
}

/**
 * @param {string} file importing file, relative to the repository
 * @param {string} specifier what it imports
 * @returns {string | undefined} why it must not, or undefined
 */
export function violation(file, specifier) {
  const room = roomOf(file);
  if (room === undefined) return undefined;
  const isTest = /\.test\.tsx?$/.test(file);
  if (specifier.startsWith('.')) {
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
    const targetRoom = roomOf(target.split('?')[0] ?? target);
    if (targetRoom === undefined || targetRoom === room) return undefined;
    // The client of a worker has to name the file that the worker is started from, and only that.
    if (room === 'src/workers/clients' && /\.worker\.ts\?worker/.test(target)) return undefined;
    if (allowed(ROOMS, room).includes(targetRoom)) return undefined;
    return `${room} must not import from ${targetRoom}`;
  }
  if (specifier.startsWith('node:')) return isTest ? undefined : `${room} runs in a browser`;
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
  const reserved = allowed(RESERVED, name);
  if (name in RESERVED && !reserved.includes(room))
    return `${name} belongs to ${reserved.join(', ')}`;
  if (room === 'src/core' && !isTest && !CORE_PACKAGES.includes(name)) {
    return `core depends on ${CORE_PACKAGES.join(' and ')} only, not on ${name}`;
  }
  return undefined;
}

/** @param {Record<string, string[]>} table @param {string} key */
function allowed(table, key) {
  return table[key] ?? [];
}

/** @typedef {{ source?: { value?: unknown } | null }} ImportNode */

const rule = {
  meta: { type: 'problem', docs: { description: 'Imports run one way between the rooms.' } },
  /** @param {{ filename: string, cwd: string, report(d: { node: unknown, message: string }): void }} context */
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    /** @param {ImportNode} node */
    const check = (node) => {
      const value = node.source?.value;
      if (typeof value !== 'string') return;
      const message = violation(file, value);
      if (message !== undefined) context.report({ node: node.source, message });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

/** What asks again for a script that was lost on its way; see src/core/again.ts. */
const ASKS_AGAIN = 'importAgain';

/** @typedef {{ type: string, parent?: Node, callee?: { name?: string } }} Node */

const lateImports = {
  meta: {
    type: 'problem',
    docs: { description: 'A script that comes later is asked for again when it is lost.' },
  },
  /** @param {{ filename: string, report(d: { node: unknown, message: string }): void }} context */
  create(context) {
    if (/\.test\.tsx?$/.test(context.filename)) return {};
    return {
      /** @param {Node} node */
      ImportExpression(node) {
        for (let above = node.parent; above; above = above.parent) {
          if (above.type === 'CallExpression' && above.callee?.name === ASKS_AGAIN) return;
        }
        context.report({ node, message: `Wrap it: ${ASKS_AGAIN}(() => import(…)).` });
      },
    };
  },
};

export default {
  meta: { name: 'rooms' },
  rules: { imports: rule, 'late-imports': lateImports },
};

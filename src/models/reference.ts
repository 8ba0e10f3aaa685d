/**
 * How a person names a model: an id of the catalogue, `owner/name[@revision]` of the hub, or the
 * URL of a folder. Folders of this computer have no name: they are picked (`open.ts`).
 */
import { ErgoError } from '../core/errors.ts';
import { CATALOGUE, entryOf, type CatalogueEntry } from './catalogue.ts';

export type ModelReference =
  | { readonly kind: 'catalogue'; readonly entry: CatalogueEntry }
  | {
      readonly kind: 'hub';
      readonly repo: string;
      /** Branch, tag or commit; null: the newest. */
      readonly revision: string | null;
    }
  /** Of the folder or of its manifest.json; absolute, or relative to the page (`./`, `/`). */
  | { readonly kind: 'url'; readonly url: string };

/** Names at the hub: letters, digits, `-`, `_` and `.`; at most 96 characters each. */
const REPO = /^[A-Za-z0-9][\w.-]{0,95}\/[\w.-]{1,96}$/;
/** As git allows them, branches with slashes included. */
const REVISION = /^[\w][\w./-]{0,199}$/;
const HUB_HOSTS = ['huggingface.co', 'www.huggingface.co', 'hf.co'];

/**
 * @throws ErgoError `bad-request`, with what the text could have been
 */
export function parseReference(text: string): ModelReference {
  const name = text.trim();
  const entry = entryOf(name);
  if (entry) return { kind: 'catalogue', entry };
  if (/^https?:\/\//i.test(name)) return fromUrl(name);
  if (/^\.{0,2}\//.test(name)) return { kind: 'url', url: name };
  const [, repo = '', revision = null] = /^([^@]*)(?:@(.*))?$/.exec(name) ?? [];
  if (!isRepo(repo)) {
    const ids = CATALOGUE.map(({ id }) => id).join(', ');
    throw new ErgoError(
      'bad-request',
      `"${name}" names no model. It is one of ${ids}, or owner/name of the hub, or the URL of a folder.`,
    );
  }
  if (revision !== null && !isRevision(revision)) {
    throw new ErgoError('bad-request', `"${revision}" is no revision: a branch, tag or commit.`);
  }
  return { kind: 'hub', repo, revision };
}

/** The inverse of `parseReference`. */
export function formatReference(reference: ModelReference): string {
  if (reference.kind === 'catalogue') return reference.entry.id;
  if (reference.kind === 'url') return reference.url;
  const { repo, revision } = reference;
  return revision === null ? repo : `${repo}@${revision}`;
}

/** Is this a commit, which can never change? */
export function isCommit(revision: string | null): revision is string {
  return revision !== null && /^[0-9a-f]{40}$/.test(revision);
}

/** The address of a model's page at the hub names the model as well. */
function fromUrl(text: string): ModelReference {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ErgoError('bad-request', `${text} is no URL.`);
  }
  if (!HUB_HOSTS.includes(url.hostname)) return { kind: 'url', url: text };
  const [, owner = '', name = '', verb, ...rest] = url.pathname.replace(/\/+$/, '').split('/');
  const repo = `${owner}/${name}`;
  const revision = verb === undefined ? null : decodeURIComponent(rest.join('/'));
  const isTree = verb === undefined || verb === 'tree';
  if (!isRepo(repo) || !isTree || (revision !== null && !isRevision(revision))) {
    throw new ErgoError('bad-request', `${text} is not the page of a model at the hub.`);
  }
  return { kind: 'hub', repo, revision };
}

function isRepo(text: string): boolean {
  return REPO.test(text) && !text.includes('..') && !text.includes('--');
}

function isRevision(text: string): boolean {
  return REVISION.test(text) && !text.includes('..');
}

/** Where the hub is: Hugging Face's own address, or a mirror that answers like it. */
import { ErgoError } from '../../core/errors.ts';

export const HUB = 'https://huggingface.co';

/**
 * @param text as a person writes it; a scheme may be missing
 * @returns an absolute URL without a slash at its end
 * @throws ErgoError `bad-request`
 */
export function parseHub(text: string): string {
  const written = text.trim();
  const withScheme = /^[a-z]+:\/\//i.test(written) ? written : `https://${written}`;
  const refused = new ErgoError('bad-request', `"${written}" is not the address of a hub.`);
  let url: URL;
  try {
    url = new URL(withScheme);
  } catch {
    throw refused;
  }
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  if (!isWeb || url.username !== '' || url.search !== '' || url.hash !== '') throw refused;
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** Lists a revision; without one, the newest. `blobs` brings sizes and hashes. */
export function apiUrl(hub: string, repo: string, revision: string | null): string {
  const at = revision === null ? '' : `/revision/${encodeURIComponent(revision)}`;
  return `${hub}/api/models/${repo}${at}?blobs=true`;
}

/** The folder of a commit. */
export function folderUrl(hub: string, repo: string, commit: string): string {
  return `${hub}/${repo}/resolve/${commit}/`;
}

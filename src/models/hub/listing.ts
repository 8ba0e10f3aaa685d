/** What the hub says about a revision: its commit, and its files with sizes and hashes. */
import { ErgoError } from '../../core/errors.ts';
import type { ModelFile } from '../source.ts';
import { apiUrl } from './address.ts';
import { askWhole, type Network, type OnWait } from './fetch.ts';
import { z } from '../../core/zod.ts';

const schema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(
    z.object({
      rfilename: z.string().min(1),
      size: z.int().nonnegative().nullish(),
      blobId: z
        .string()
        .regex(/^[0-9a-f]{40}$/)
        .nullish(),
      lfs: z
        .object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() })
        .nullish(),
    }),
  ),
});

export interface HubListing {
  /** 40 hex digits. */
  readonly commit: string;
  readonly files: readonly ModelFile[];
}

export interface ListOptions {
  readonly network: Network;
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: OnWait | undefined;
}

/**
 * `GET /api/models/{repo}[/revision/{revision}]?blobs=true`
 * @throws ErgoError as `ask`; `hub-missing` for an answer that is none of a hub
 */
export async function listHub(
  hub: string,
  repo: string,
  revision: string | null,
  { network, signal, onWait }: ListOptions,
): Promise<HubListing> {
  const url = apiUrl(hub, repo, revision);
  const subject = { model: repo, revision };
  const { bytes } = await askWhole(url, { subject, network, signal, onWait });
  const parsed = schema.safeParse(parseJson(bytes));
  if (!parsed.success) {
    const message = `${hub} does not answer like the hub when it is asked for ${repo}.`;
    throw new ErgoError('hub-missing', message, { cause: parsed.error });
  }
  const { sha: commit, siblings } = parsed.data;
  const files = siblings.flatMap(({ rfilename: path, size, blobId, lfs }): ModelFile[] => {
    if (lfs) return [{ path, bytes: lfs.size, sha256: lfs.sha256 }];
    if (typeof size !== 'number') return [];
    return [{ path, bytes: size, sha256: null, ...(blobId && { gitBlob: blobId }) }];
  });
  return { commit, files };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

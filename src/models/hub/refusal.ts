/**
 * What a server means when it does not send what was asked for, as a code and a sentence. The hub
 * says it in `X-Error-Code` (huggingface_hub, utils/_http.py reads the same names); servers of
 * plain folders say it by their status alone.
 */
import { ErgoError } from '../../core/errors.ts';

/** What was asked for, in the words of a sentence. */
export interface Subject {
  /** "owner/name" or the host of a folder. */
  readonly model: string;
  /** Path of a file; absent where the model itself was asked for. */
  readonly file?: string;
  readonly revision?: string | null;
}

/**
 * @returns null for troubles of the server, after which another attempt makes sense
 */
export function refusalOf(response: Response, subject: Subject): ErgoError | null {
  const { status } = response;
  const { model, file, revision } = subject;
  const detail = { status, model, ...(file !== undefined && { file }) };
  const named = response.headers.get('X-Error-Code');
  if (status === 429) return tooMany(response, detail);
  if (named === 'GatedRepo' || (named === null && status === 403)) {
    const message = `${model} is given only to people who accepted its conditions (status ${status}).`;
    return new ErgoError('hub-gated', message, { detail });
  }
  if (named === 'RevisionNotFound') {
    const message = `${model} has no revision "${revision ?? 'main'}".`;
    return new ErgoError('hub-revision', message, { detail });
  }
  if (named === 'EntryNotFound' || (file !== undefined && (status === 404 || status === 410))) {
    return new ErgoError('weights-missing', `${model} has no file ${file ?? ''}.`, { detail });
  }
  if (named === 'RepoNotFound' || status === 401 || status === 404 || status === 410) {
    const message = `${model} is private, or there is no such model (status ${status}).`;
    return new ErgoError('hub-missing', message, { detail });
  }
  if (status >= 500 || status === 408) return null;
  const message = `The request for ${file ?? model} was refused with status ${status}.`;
  return new ErgoError('download-interrupted', message, { detail });
}

function tooMany(
  response: Response,
  detail: { readonly status: number; readonly model: string },
): ErgoError {
  const waitSeconds = waitOf(response.headers);
  const wait = waitSeconds === null ? 'Wait some minutes.' : `Wait ${duration(waitSeconds)}.`;
  const message = `Too many requests were made from this address. ${wait}`;
  return new ErgoError('hub-busy', message, { detail: { ...detail, waitSeconds } });
}

/**
 * Seconds until requests are welcome again: `RateLimit: "api";r=0;t=55`
 * (draft-ietf-httpapi-ratelimit-headers) or `Retry-After`. Null if neither tells, or may be read.
 */
export function waitOf(headers: Headers): number | null {
  const limit = /(?:^|[;,\s])t=(\d+)/.exec(headers.get('RateLimit') ?? '')?.[1];
  if (limit !== undefined) return Number(limit);
  const after = headers.get('Retry-After');
  if (after === null) return null;
  if (/^\d+$/.test(after)) return Number(after);
  const until = Date.parse(after);
  return Number.isNaN(until) ? null : Math.max(0, Math.ceil((until - Date.now()) / 1000));
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/** The one way in which a link or a saved run is refused. */
import { ErgoError } from '../errors.ts';

export function unreadable(message: string, cause?: unknown): ErgoError {
  return new ErgoError('run-unreadable', message, cause === undefined ? {} : { cause });
}

/** @param what holds the run, to begin a sentence */
export function tooNew(what: string): ErgoError {
  return unreadable(`${what} was made by a newer version of this page; reload it.`);
}

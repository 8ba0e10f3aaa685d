/** `?picture=ADDRESS&question=TEXT&run=1`: a link that brings a picture, and may ask about it. */
import { ErgoError } from '../../../core/errors.ts';

export interface Link {
  readonly picture: string;
  readonly question: string;
  /** Asked without a press of a button. Only if the link says so. */
  readonly run: boolean;
}

/** Characters; a longer text is no question that a link would bring. */
const LONGEST_QUESTION = 2000;

/**
 * @param search of the page's address. Its host learns it with the request for the page.
 * @param hash `#/?picture=…`: the same, which is sent nowhere
 * @returns null if the link names none of it
 * @throws ErgoError `bad-request`
 */
export function readLink(search: string, hash: string): Link | null {
  const inHash = /^#\/?(\?.*)$/.exec(hash)?.[1];
  const given = new URLSearchParams(inHash ?? search);
  if (!['picture', 'question', 'run'].some((name) => given.has(name))) return null;
  const picture = only(given, 'picture').trim();
  const question = only(given, 'question').trim();
  const run = only(given, 'run');
  if (picture === '') throw refused('it names no picture (picture=ADDRESS)');
  if (!['', '0', '1'].includes(run)) throw refused(`run=${run.slice(0, 20)} can be 1 only`);
  if (run === '1' && question === '') throw refused('run=1 needs a question (question=TEXT)');
  if (question.length > LONGEST_QUESTION) {
    throw refused(`its question is longer than ${LONGEST_QUESTION} characters`);
  }
  return { picture, question, run: run === '1' };
}

function only(given: URLSearchParams, name: string): string {
  const [first = '', ...more] = given.getAll(name);
  if (more.length > 0) throw refused(`${name} stands in it more than once`);
  return first;
}

function refused(why: string): ErgoError {
  return new ErgoError('bad-request', `This link cannot be followed: ${why}.`);
}

/** What a model wrote, for people: the thought apart, the tags away; also while it is written. */

export interface Written {
  readonly thinking: string;
  /** The thought has begun and not ended. */
  readonly isThinking: boolean;
  /** What follows the thought, without tags. */
  readonly rest: string;
}

const TAG = /<\/?(?:think|answer|zoom|tool_call)>/g;
/** A tag that has not come to its end. */
const CUT = /<\/?[a-z]*$/;

export function readWritten(text: string): Written {
  const start = text.indexOf('<think>');
  if (start < 0) return { thinking: '', isThinking: false, rest: plain(text) };
  const end = text.indexOf('</think>', start);
  if (end < 0) return { thinking: plain(text.slice(start)), isThinking: true, rest: '' };
  return {
    thinking: plain(text.slice(start, end)),
    isThinking: false,
    rest: plain(text.slice(0, start) + text.slice(end)),
  };
}

function plain(text: string): string {
  return text.replaceAll(TAG, '').replace(CUT, '').trim();
}

/** One look at the whole picture with a question: how every policy begins that keeps nothing aside. */
import type { Context } from '../contracts/model.ts';
import { asking, opening } from '../protocol/chat.ts';
import { fillPrompt, withOptions } from '../protocol/question.ts';
import type { RunEventBody } from '../run/events.ts';
import type { ResizedSize } from '../geometry/resize.ts';
import type { Run } from './run.ts';
import type { Stage } from './stage.ts';

interface Look {
  readonly kind: 'coarse' | 'full';
  /** Vision tokens at most. */
  readonly budget: number;
  readonly system: string;
  /** Template of the user's turn; the question comes with its options. */
  readonly words: string;
}

interface Begun {
  /** Not yet measured: the model has not written. */
  readonly stage: Stage;
  readonly context: Context;
  /** At which the model sees the picture. */
  readonly size: ResizedSize;
}

export async function* firstLook(
  run: Run,
  { kind, budget, system, words }: Look,
): AsyncGenerator<RunEventBody, Begun, undefined> {
  const stage = run.stage(kind);
  yield stage.startedEvent;
  const view = await run.picture.view(kind, run.viewing(budget));
  const picture = yield* stage.look(view);
  const { chat } = run.profile;
  const question = fillPrompt(words, withOptions(run.input));
  const parts = [...opening(chat, system, [picture]), ...asking(chat, question)];
  return { stage, context: yield* stage.extend(null, parts), size: view.patches.size };
}

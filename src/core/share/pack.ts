/**
 * Events for a link: the tokens of a text as columns, which take a third of the room, and numbers no
 * finer than a microsecond. What nobody sees in a replay stays away.
 */
import { z } from '../zod.ts';
import type { StageName } from '../run/events.ts';
import type { SavedEvent } from './saved-run.ts';

type TokenEvent = Extract<SavedEvent, { readonly type: 'token' }>;

/** Tokens that follow each other, as columns. */
interface Tokens {
  readonly type: 'tokens';
  readonly stage: StageName;
  readonly at: number;
  /** Of the first one. */
  readonly index: number;
  readonly ids: readonly number[];
  readonly texts: readonly string[];
  /** Hundredths. */
  readonly logs: readonly number[];
  /** Whole milliseconds since the token before. */
  readonly after: readonly number[];
}

export type Packed = Tokens | Exclude<SavedEvent, TokenEvent>;

const MOST = 20_000;
const numbers = z.array(z.number()).max(MOST);
/** Only the columns; what comes out of them is checked with everything else. */
const packed = z.array(z.looseObject({ type: z.string() })).max(MOST);
const tokens = z.object({
  stage: z.string(),
  at: z.number(),
  index: z.number(),
  ids: numbers,
  texts: z.array(z.string()).max(MOST),
  logs: numbers,
  after: numbers,
});

export function pack(events: readonly SavedEvent[]): Packed[] {
  const out: Packed[] = [];
  let run: TokenEvent[] = [];
  const flush = (): void => {
    const [first] = run;
    if (first) out.push(columns(first, run));
    run = [];
  };
  for (const event of events) {
    const before = run.at(-1);
    const follows =
      event.type === 'token' &&
      (!before || (before.stage === event.stage && before.step.index + 1 === event.step.index));
    if (!follows) flush();
    if (event.type === 'token') run.push(event);
    else out.push(lean(event));
  }
  flush();
  return out;
}

/**
 * @param json of a link, untrusted
 * @returns events that still have to be checked
 * @throws ZodError
 */
export function unpack(json: unknown): unknown[] {
  return packed.parse(json).flatMap((event): unknown[] => {
    if (event.type !== 'tokens') return [event];
    const { stage, at, index, ids, texts, logs, after } = tokens.parse(event);
    let time = at;
    return ids.map((id, place) => ({
      type: 'token',
      stage,
      at: place === 0 ? at : (time += after[place] ?? 0),
      step: {
        index: index + place,
        id,
        // A column that is too short leaves a hole, which the check finds.
        text: texts[place],
        logProbability: (logs[place] ?? Number.NaN) / 100,
        alternatives: [],
      },
    }));
  });
}

function columns(first: TokenEvent, run: readonly TokenEvent[]): Tokens {
  const since = run.map(({ at }) => Math.round(at - first.at));
  return {
    type: 'tokens',
    stage: first.stage,
    at: fine(first.at),
    index: first.step.index,
    ids: run.map(({ step }) => step.id),
    texts: run.map(({ step }) => step.text),
    logs: run.map(({ step }) => Math.round(100 * step.logProbability)),
    after: since.map((time, place) => time - (since[place - 1] ?? 0)),
  };
}

/** The device's name is nobody's business who only looks at an answer; its kind explains the times. */
function lean(event: Exclude<SavedEvent, TokenEvent>): Exclude<SavedEvent, TokenEvent> {
  const rounded = JSON.parse(
    JSON.stringify(event, (_, value: unknown) => (typeof value === 'number' ? fine(value) : value)),
  ) as Exclude<SavedEvent, TokenEvent>;
  if (rounded.type === 'run-started') {
    return { ...rounded, device: { ...rounded.device, adapter: null } };
  }
  if (rounded.type === 'picture-viewed') {
    return { ...rounded, view: { ...rounded.view, preview: null, statistics: null } };
  }
  return rounded;
}

/** Three places behind the point. */
function fine(value: number): number {
  return Math.round(value * 1000) / 1000;
}

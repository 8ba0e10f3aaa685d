/** What was asked about one picture: a list, and the two runs of it that are looked at. Pure. */
import type { MemoryReport, VisionLanguageModel } from '../contracts/model.ts';
import type { PolicyName, RunEvent } from '../run/events.ts';
import type { RunState } from '../run/fold.ts';
import type { RunReport } from '../run/report.ts';

/** Side by side: a way of looking, and the baseline that it is compared with. */
export type Lane = 'looks' | 'baseline';

/** One question and its run. */
export interface Asked {
  readonly id: number;
  readonly policy: PolicyName;
  /** As it was asked, options included. */
  readonly text: string;
  readonly state: RunState;
  /** All of them, in order: folded, they are the state. They come while the run goes on. */
  readonly events: readonly RunEvent[];
  /** Null unless there is an answer. */
  readonly report: RunReport | null;
  /** That ran it; null if it did not come to that. */
  readonly model: VisionLanguageModel | null;
  /** After the run. */
  readonly memory: MemoryReport | null;
}

export interface AskedList {
  /** The newest first; without an answer only while they are shown. */
  readonly asked: readonly Asked[];
  readonly shown: Readonly<Record<Lane, number | null>>;
}

export const NOTHING_ASKED: AskedList = { asked: [], shown: { looks: null, baseline: null } };

/** With answers, their pictures and texts. */
const MOST = 30;

export function laneOf(policy: PolicyName): Lane {
  return policy === 'full-resolution' ? 'baseline' : 'looks';
}

/** @returns the run that is shown in a lane */
export function shownIn({ asked, shown }: AskedList, lane: Lane): Asked | null {
  return asked.find(({ id }) => id === shown[lane]) ?? null;
}

/** A run that has just begun is shown in its lane. */
export function withNew({ asked, shown }: AskedList, entry: Asked): AskedList {
  return tidy({
    asked: [entry, ...asked],
    shown: { ...shown, [laneOf(entry.policy)]: entry.id },
  });
}

export function withChanged(list: AskedList, id: number, change: Partial<Asked>): AskedList {
  const asked = list.asked.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
  return { ...list, asked };
}

/** Goes back to an earlier run, and in the other lane to the newest of the same question. */
export function withShown(list: AskedList, id: number): AskedList {
  const entry = list.asked.find((one) => one.id === id);
  if (!entry) return list;
  const other: Lane = laneOf(entry.policy) === 'looks' ? 'baseline' : 'looks';
  const same = list.asked.find(
    ({ text, policy }) => text === entry.text && laneOf(policy) === other,
  );
  const shown = { [laneOf(entry.policy)]: id, [other]: same?.id ?? null };
  return tidy({ ...list, shown: { ...list.shown, ...shown } });
}

function tidy({ asked, shown }: AskedList): AskedList {
  const isShown = ({ id }: Asked): boolean => Object.values(shown).includes(id);
  const kept = asked.filter((entry) => entry.report !== null || isShown(entry));
  return { asked: kept.filter((entry, index) => index < MOST || isShown(entry)), shown };
}

/**
 * A watch over one worker. A thread that computes in wasm hears and says nothing for minutes and is
 * well, so a worker is never given up for being slow. Only what nobody waits for any more has a
 * deadline: a call that was cancelled, and what the worker does at once when it is free (to
 * release something). Whoever waits longer than he likes can see the silence and end it himself.
 */
import { within } from '../../core/within.ts';

export interface Watch {
  /** @param isBrief the worker does it at once when it is free */
  sent(id: number, isBrief: boolean): void;
  /** Nobody waits for its result any more. */
  left(id: number): void;
  /** @param isOver it was the call's last message */
  heard(id: number, isOver: boolean): void;
  /** Milliseconds without a word although somebody waits; null if nobody does. */
  silence(): number | null;
  /** Everything that was left or is brief is answered, or the patience is over. Never rejects. */
  settled(): Promise<void>;
  /** The worker is gone. */
  end(): void;
}

/** Milliseconds: longer than a slow processor needs for one step that cannot be interrupted. */
export const PATIENCE = 60_000;

/** @param onHung what is due was not answered within the patience, and nothing else was said */
export function createWatch(onHung: () => void, patience = PATIENCE): Watch {
  const live = new Set<number>();
  const due = new Set<number>();
  const settling = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** When the worker last spoke, or was first asked for something. */
  let word = 0;

  function settle(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const resolve of settling) resolve();
    settling.clear();
  }

  function wait(milliseconds: number): void {
    timer = setTimeout(() => {
      const left = patience - (performance.now() - word);
      if (left > 0) return wait(left);
      settle();
      onHung();
    }, milliseconds);
  }

  function addDue(id: number): void {
    // The deadline counts from here, however long the worker has been busy.
    if (due.size === 0) word = performance.now();
    due.add(id);
    if (timer === undefined) wait(patience);
  }

  return {
    sent(id, isBrief) {
      if (isBrief) return addDue(id);
      if (live.size + due.size === 0) word = performance.now();
      live.add(id);
    },
    left(id) {
      live.delete(id);
      addDue(id);
    },
    heard(id, isOver) {
      word = performance.now();
      if (!isOver) return;
      live.delete(id);
      if (due.delete(id) && due.size === 0) settle();
    },
    silence: () => (live.size + settling.size > 0 ? performance.now() - word : null),
    async settled() {
      if (due.size > 0) await within(new Promise<void>((done) => settling.add(done)), patience);
    },
    end() {
      live.clear();
      due.clear();
      settle();
    },
  };
}

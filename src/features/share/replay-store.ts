/** A run that came as a link or as a file; shown in place of the picture in hand. */
import { create } from 'zustand';
import { navigate } from 'wouter/use-hash-location';
import { importAgain } from '../../core/again.ts';
import { toErgoError, type ErgoError } from '../../core/errors.ts';
import { isSavedRun } from '../../core/share/saved-run.ts';
import { useAsk } from '../ask/ask-store.ts';
import type { Exhibit } from './exhibit.ts';
import type * as OpenRun from './open-run.ts';
import { encodedHere } from './replay-address.ts';

export interface Replayed {
  readonly exhibit: Exhibit;
  /** Frees the pixels. */
  readonly close: () => void;
}

export interface ReplayStore {
  readonly status: 'none' | 'opening' | 'shown' | 'failed';
  /** What it came as, or comes. */
  readonly from: 'link' | 'file' | null;
  readonly replayed: Replayed | null;
  readonly error: ErgoError | null;
  /** @param encoded what a link holds */
  readonly openLink: (encoded: string) => Promise<void>;
  /** @returns whether it is a saved run, or meant to be one */
  readonly openFile: (file: File) => Promise<boolean>;
  readonly close: () => void;
}

const NOTHING = { status: 'none', from: null, replayed: null, error: null } as const;

/** The latest one wins. */
let openings = 0;

export const useReplay = create<ReplayStore>()((set, get) => {
  async function open(from: 'link' | 'file', read: (open: Opener) => Promise<Replayed>) {
    const mine = ++openings;
    get().replayed?.close();
    set({ ...NOTHING, status: 'opening', from });
    try {
      const opened = await read(await importAgain(() => import('./open-run.ts')));
      if (mine !== openings) return opened.close();
      set({ status: 'shown', replayed: opened });
    } catch (thrown) {
      if (mine === openings)
        set({ status: 'failed', error: toErgoError(thrown, 'run-unreadable') });
    }
  }

  return {
    ...NOTHING,
    // Known before the first paint: nothing of a model is looked for then.
    status: encodedHere() === null ? 'none' : 'opening',
    openLink: (encoded) => open('link', (opener) => opener.openEncoded(encoded)),
    async openFile(file) {
      if (!(await isSavedRun(file, file.name))) return false;
      leaveLink();
      await open('file', (opener) => opener.openSaved(file));
      return true;
    },
    close() {
      openings += 1;
      get().replayed?.close();
      set(NOTHING);
      leaveLink();
    },
  };
});

type Opener = typeof OpenRun;

/** The way back leads to the link again. */
function leaveLink(): void {
  if (encodedHere() !== null) navigate('/');
}

// A picture that is opened is what a person wants to see now.
useAsk.subscribe((now, before) => {
  if (now.opening !== null && now.opening !== before.opening) {
    const { status, close } = useReplay.getState();
    if (status !== 'none') close();
  }
});

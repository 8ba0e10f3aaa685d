/** One picture and its question; what is asked about it is a session's, which is mirrored here. */
import { create } from 'zustand';
import type { PictureInfo } from '../../core/contracts/pictures.ts';
import type { Budgets } from '../../core/contracts/profile.ts';
import { toErgoError, type ErgoError } from '../../core/errors.ts';
import type { Box } from '../../core/geometry/size.ts';
import type { PolicyName } from '../../core/run/events.ts';
import type { RunReport } from '../../core/run/report.ts';
import type { Asked } from '../../core/session/asked.ts';
import type { Session, SessionState } from '../../core/session/session.ts';
import { loadBackend } from '../backend/load-backend.ts';
import { keepLooks, keptLooks } from './looks.ts';
import { useModel } from '../models/model-store.ts';

export interface ShownPicture {
  readonly file: Blob;
  readonly name: string;
  /** Object URL of the file; revoked when another picture is shown. */
  readonly url: string;
  /** Drawn instead of a file that is too large for it; closed when another picture is shown. */
  readonly glance: ImageBitmap | null;
  readonly info: PictureInfo;
  /** Ready questions; none for a person's own pictures. */
  readonly suggestions: readonly string[];
  /** Id in the gallery; null for a person's own. */
  readonly sample: string | null;
}

/** Asked about a picture that was left since. */
export interface Earlier {
  readonly file: Blob;
  readonly name: string;
  readonly sample: string | null;
  readonly question: string;
  readonly report: RunReport;
}

/** What is said about a picture when it is shown. */
export interface About {
  readonly question?: string;
  readonly suggestions?: readonly string[];
  readonly sample?: string | null;
}

export interface AskStore {
  readonly picture: ShownPicture | null;
  /** The life of the picture; null as long as there is none. */
  readonly session: Session | null;
  readonly asked: SessionState;
  /** Of the picture that is being opened: the latest one wins. */
  readonly opening: symbol | null;
  readonly pictureError: ErgoError | null;
  readonly question: string;
  readonly budgets: Partial<Budgets>;
  /** How "Ask" looks. */
  readonly policy: PolicyName;
  /** The newest first. */
  readonly earlier: readonly Earlier[];
  /** @param source may still be on its way; what is shown after it wins all the same */
  readonly show: (source: Blob | Promise<Blob>, name: string, about?: About) => Promise<void>;
  /** The same picture and question for another model, which may see pictures by other rules. */
  readonly reopen: () => Promise<void>;
  readonly leave: () => void;
  readonly setQuestion: (question: string) => void;
  readonly setBudgets: (budgets: Partial<Budgets>) => void;
  readonly setPolicy: (policy: PolicyName) => void;
  /** @param region drawn by hand: only the second look runs again */
  readonly ask: (policy: PolicyName, region?: Box<'original'>) => Promise<void>;
  /** Shows an earlier run again, with its question. */
  readonly goBack: (entry: Asked) => void;
  readonly stop: () => void;
}

const NOTHING: SessionState = {
  asked: [],
  shown: { looks: null, baseline: null },
  running: null,
  ahead: 'no',
};

/** Milliseconds between two drawings of a text that is being written. */
const REFRESH = 60;
/** Of pictures that were left. */
const MOST_EARLIER = 30;

const loadModel = () => useModel.getState().load();

export const useAsk = create<AskStore>()((set, get) => {
  function forget(): void {
    const { picture, session, asked, earlier } = get();
    if (picture) {
      const { file, name, sample, url, glance } = picture;
      const left = asked.asked.flatMap(({ text: question, report }) =>
        report ? [{ file, name, sample, question, report }] : [],
      );
      set({ earlier: [...left, ...earlier].slice(0, MOST_EARLIER) });
      URL.revokeObjectURL(url);
      glance?.close();
    }
    set({ picture: null, session: null, asked: NOTHING, pictureError: null });
    void session?.close();
  }

  function mirror(session: Session): void {
    let drawn = 0;
    session.subscribe((event) => {
      if (get().session !== session) return;
      // Tokens can come faster than anybody reads; whatever follows them is shown at once.
      if (event?.type === 'token' && performance.now() - drawn < REFRESH) return;
      drawn = performance.now();
      set({ asked: session.state });
    });
  }

  return {
    picture: null,
    session: null,
    asked: NOTHING,
    opening: null,
    pictureError: null,
    question: '',
    budgets: {},
    policy: keptLooks(),
    earlier: [],

    async show(source, name, { question = '', suggestions = [], sample = null } = {}) {
      const mine = Symbol(name);
      forget();
      set({ opening: mine, question });
      const isLatest = (): boolean => get().opening === mine;
      try {
        const file = await source;
        if (!isLatest()) return;
        const offer = await useModel.getState().discover();
        if (offer === null) throw useModel.getState().error ?? new Error('There is no model.');
        const { openPicture, openSession } = await loadBackend();
        const picture = await openPicture(file, offer.profile.image);
        // What is wrong with a file is told when it is asked about.
        const glance = await picture.glance().catch(() => null);
        if (!isLatest()) {
          glance?.close();
          return void picture.close();
        }
        const { info } = picture;
        const session = openSession({ picture, model: loadModel, previews: true });
        mirror(session);
        // By its content: a page draws nothing of a PNG that is called an SVG.
        const url = URL.createObjectURL(file.slice(0, file.size, info.type));
        const shown = { file, name, url, glance, info, suggestions, sample };
        set({ picture: shown, session, opening: null });
      } catch (thrown) {
        if (!isLatest()) return;
        set({ pictureError: toErgoError(thrown), opening: null });
      }
    },
    async reopen() {
      const { picture, question, show } = get();
      if (!picture) return;
      const { file, name, suggestions, sample } = picture;
      await show(file, name, { question, suggestions, sample });
    },
    leave() {
      forget();
      set({ question: '', opening: null });
    },
    setQuestion: (question) => set({ question }),
    setBudgets: (budgets) => set({ budgets: { ...get().budgets, ...budgets } }),
    setPolicy(policy) {
      keepLooks(policy);
      set({ policy });
    },
    async ask(policy, region) {
      const { session, question: text, budgets } = get();
      if (!session) return;
      const events = session.ask({ policy, text, budgets, region });
      let next = await events.next();
      while (next.done !== true) next = await events.next();
    },
    goBack({ id, text, policy }) {
      get().session?.show(id);
      set({ question: text });
      if (policy !== 'full-resolution') get().setPolicy(policy);
    },
    stop() {
      useModel.getState().cancel();
      get().session?.stop();
    },
  };
});

// Another model may see pictures by other rules.
useModel.subscribe((now, before) => {
  if (before.offer && now.offer && now.offer.source !== before.offer.source) {
    void useAsk.getState().reopen();
  }
});

import { beforeEach, expect, it, vi } from 'vitest';
import { scriptedModel, scriptedPicture } from '../../core/policies/testing/scripted.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import { createSession, type SessionParts } from '../../core/session/session.ts';
import { useAsk } from './ask-store.ts';
import type { ModelOffer } from '../backend/offer.ts';
import { useModel } from '../models/model-store.ts';

const pictures: ReturnType<typeof opened>[] = [];

function opened() {
  const picture = scriptedPicture({ width: 4000, height: 3000 });
  return {
    ...picture,
    glance: async () => null,
    close: vi.fn<() => Promise<void>>(async () => {}),
  };
}

vi.mock('../backend/load-backend.ts', () => ({
  loadBackend: async () => ({
    openPicture: async () => {
      const picture = opened();
      pictures.push(picture);
      return picture;
    },
    openSession: (parts: Omit<SessionParts, 'now'>) => createSession({ ...parts, now: () => 0 }),
  }),
}));

const LOCATE = '<zoom>[28, 56, 128, 156]</zoom>';

function useScriptedModel(...replies: string[]): void {
  const model = scriptedModel({ replies });
  const offer = { profile: TINY_PROFILE } as ModelOffer;
  useModel.setState({ model, status: 'ready', error: null, offer, discover: async () => offer });
}

const { show, leave, ask, setQuestion, setPolicy, goBack } = useAsk.getState();
const shown = () => useAsk.getState().asked.asked.map(({ text, report }) => [text, report?.answer]);

beforeEach(() => {
  leave();
  useAsk.setState({ earlier: [], policy: 'coarse-to-fine' });
  pictures.length = 0;
});

it('shows the latest picture; one that comes after it is closed', async () => {
  useScriptedModel();
  const coming = new TransformStream<Blob, Blob>();
  const file = coming.readable.getReader().read();
  const slow = show(
    file.then(({ value }) => value ?? new Blob()),
    'slow',
  );
  await show(new Blob(), 'quick');
  await coming.writable.getWriter().write(new Blob());
  await slow;
  expect(useAsk.getState()).toMatchObject({ picture: { name: 'quick' }, opening: null });
  await show(new Blob(), 'next');
  expect(pictures[0]?.close).toHaveBeenCalledOnce();
});

it('mirrors what was asked, and goes back to it with its question', async () => {
  useScriptedModel(LOCATE, 'one', LOCATE, 'two');
  await show(new Blob(), 'picture', { question: 'What?' });
  await ask('coarse-to-fine');
  setQuestion('Where?');
  await ask('coarse-to-fine');
  expect(shown()).toEqual([
    ['Where?', 'two'],
    ['What?', 'one'],
  ]);
  const [, first] = useAsk.getState().asked.asked;
  if (first) goBack(first);
  const { asked, question } = useAsk.getState();
  expect([asked.shown.looks, question]).toEqual([first?.id, 'What?']);
});

it('asks what stood there when it was asked', async () => {
  useScriptedModel(LOCATE, 'one');
  await show(new Blob(), 'picture', { question: 'What is it?' });
  const { load } = useModel.getState();
  useModel.setState({
    load: async () => {
      setQuestion('What is th');
      return load();
    },
  });
  await ask('coarse-to-fine');
  expect(shown()).toEqual([['What is it?', 'one']]);
  useModel.setState({ load });
});

it('remembers what was asked about pictures that were left', async () => {
  useScriptedModel(LOCATE, 'one');
  await show(new Blob(), 'first', { question: 'What?' });
  await ask('coarse-to-fine');
  await show(new Blob(), 'second');
  const { earlier, asked } = useAsk.getState();
  expect(earlier).toMatchObject([{ name: 'first', question: 'What?', report: { answer: 'one' } }]);
  expect(asked.asked).toEqual([]);
});

it('keeps how the model may look for the next visit', async () => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  setPolicy('on-demand');
  const { keptLooks } = await import('./looks.ts');
  expect(keptLooks()).toBe('on-demand');
  kept.set('ergo-looks', 'a policy of another version');
  expect(keptLooks()).toBe('coarse-to-fine');
  vi.unstubAllGlobals();
});

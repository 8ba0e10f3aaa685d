import { describe, expect, it, vi } from 'vitest';
import type { VisionLanguageModel } from '../contracts/model.ts';
import type { PictureView } from '../contracts/pictures.ts';
import { ErgoError } from '../errors.ts';
import { scriptedModel, scriptedPicture, type Script } from '../policies/testing/scripted.ts';
import { TINY_PROFILE } from '../policies/testing/tiny-profile.ts';
import { foldRun } from '../run/fold.ts';
import type { Asked } from './asked.ts';
import { createSession, type AskRequest, type Session, type SessionParts } from './session.ts';

const LOCATE = '<think>left</think><zoom>[28, 56, 128, 156]</zoom>';
const ANSWER = '<think>a dog</think><answer>dog</answer>';
const NOTHING = { contexts: 0, pictures: 0 };
const REGION = { frame: 'original', x: 100, y: 100, width: 1000, height: 1000 } as const;

function setUp(script: Partial<Script> = {}, parts: Partial<SessionParts> = {}) {
  const model = scriptedModel({
    replies: [LOCATE, ANSWER, LOCATE, ANSWER, LOCATE, ANSWER],
    ...script,
  });
  const picture = {
    ...scriptedPicture({ width: 4000, height: 3000 }),
    close: vi.fn<() => Promise<void>>(async () => {}),
  };
  let time = 0;
  const session = createSession({ picture, model: async () => model, now: () => time++, ...parts });
  const encodes = () => model.log.filter((verb) => verb === 'encode').length;
  return { model, picture, session, encodes };
}

async function ask(session: Session, request: Partial<AskRequest> = {}): Promise<Asked | null> {
  const events = session.ask({ policy: 'coarse-to-fine', text: 'What is it?', ...request });
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
  }
}

const coarse = TINY_PROFILE.budgets.coarse;

describe('a further question', () => {
  it.each(['coarse-to-fine', 'on-demand', 'coarse-only'] as const)(
    '%s: goes on from the first look, of which nothing is encoded or prefilled again',
    async (policy) => {
      const replies =
        policy === 'coarse-to-fine' ? [LOCATE, ANSWER, LOCATE, ANSWER] : [ANSWER, ANSWER];
      const { model, picture, session, encodes } = setUp({ replies });
      const first = await ask(session, { policy });
      const looks = encodes();
      const second = await ask(session, { policy, text: 'And where?' });
      expect(first?.report).toMatchObject({ answer: 'dog', visionTokens: { coarse: 88 } });
      expect(second?.report).toMatchObject({ answer: 'dog', visionTokens: { coarse: 0 } });
      expect(second?.report?.prefill.reused).toBeGreaterThan(88);
      expect(second?.report?.prefill.new).toBeLessThan(first?.report?.prefill.new ?? 0);
      // Its crop is its own.
      expect(encodes() - looks).toBe(looks - 1);
      expect(model.prompts.at(-1)).toContain('And where?');
      await session.close();
      expect(model.alive()).toEqual(NOTHING);
      expect(picture.sent.filter((id) => !model.encoded.includes(id))).toEqual([]);
    },
  );

  it('is answered from the same view under another system prompt', async () => {
    const prompts = { ...TINY_PROFILE.prompts, direct: { system: 'T', answer: '{question}' } };
    const profile = { ...TINY_PROFILE, prompts };
    const { model, session, encodes } = setUp({
      replies: [LOCATE, ANSWER, ANSWER, ANSWER],
      profile,
    });
    await ask(session);
    const one = await ask(session, { policy: 'coarse-only' });
    expect(one?.report).toMatchObject({ visionTokens: { total: 0 }, prefill: { reused: 0 } });
    const two = await ask(session, { policy: 'coarse-only' });
    expect(two?.report?.prefill.reused).toBeGreaterThan(88);
    expect(encodes()).toBe(2);
    await session.close();
    expect(model.alive()).toEqual(NOTHING);
  });

  it('begins anew at another size of the first look, and for another model', async () => {
    const other = scriptedModel({ replies: [LOCATE, ANSWER] });
    const models: VisionLanguageModel[] = [];
    const { model, session, encodes } = setUp({}, { model: async () => models.at(-1) ?? null });
    models.push(model);
    await ask(session);
    await ask(session, { budgets: { coarse: 64 } });
    expect(encodes()).toBe(4);
    models.push(other);
    const asked = await ask(session, { budgets: { coarse: 64 } });
    expect(asked?.report?.visionTokens.coarse).toBeGreaterThan(0);
    expect(model.alive()).toEqual(NOTHING);
    await session.close();
    expect(other.alive()).toEqual(NOTHING);
  });

  it('begins anew where nothing is kept, as a benchmark measures', async () => {
    const { model, session } = setUp({}, { keeps: false });
    const first = await ask(session);
    const second = await ask(session);
    expect(second?.report?.visionTokens).toEqual(first?.report?.visionTokens);
    expect(second?.report?.prefill).toEqual(first?.report?.prefill);
    expect(model.alive()).toEqual(NOTHING);
  });
});

describe('looking ahead', () => {
  const request = { policy: 'coarse-to-fine' } as const;

  it('makes the first look before there is a question, and the first question pays for it', async () => {
    const { model, session, encodes } = setUp();
    await session.lookAhead(model, request);
    expect(session.state.ahead).toBe('ready');
    expect([encodes(), model.prompts]).toEqual([1, []]);
    const first = await ask(session);
    expect(encodes()).toBe(2);
    expect(first?.report?.visionTokens).toMatchObject({ coarse: 88, crops: 100 });
    expect(first?.report?.prefill.new).toBeGreaterThan(188);
    expect(first?.report?.stages[0]).toMatchObject({ visionTokens: 88, reused: 0 });
    expect(first?.report?.aheadMs).toBeGreaterThan(0);
    expect(first?.report?.timings.total).toBeGreaterThan(first?.report?.aheadMs ?? 0);
    const second = await ask(session);
    expect(second?.report).toMatchObject({ aheadMs: 0, visionTokens: { coarse: 0 } });
  });

  it('is gone on with by a question that comes meanwhile', async () => {
    const { model, session, encodes } = setUp();
    void session.lookAhead(model, request);
    const asked = await ask(session);
    expect(asked?.report?.visionTokens.coarse).toBe(88);
    expect(encodes()).toBe(2);
  });

  it('is not done twice, nor while a question is answered', async () => {
    const { model, session, encodes } = setUp();
    await session.lookAhead(model, request);
    await session.lookAhead(model, request);
    for await (const _ of session.ask({ ...request, text: 'What?' })) {
      await session.lookAhead(model, { ...request, budgets: { coarse: 64 } });
    }
    expect(encodes()).toBe(2);
  });

  it('frees everything when the picture is left, or another size is wanted', async () => {
    const { model, session, encodes } = setUp();
    await session.lookAhead(model, request);
    void session.lookAhead(model, { ...request, budgets: { coarse: 64 } });
    await session.close();
    await vi.waitFor(() => expect(model.alive()).toEqual(NOTHING));
    expect(encodes()).toBeGreaterThan(0);
  });

  it('that fails is told by the question, not before', async () => {
    let isBroken = true;
    const before = () => {
      if (isBroken) throw new ErgoError('session-failed', 'Broken.');
    };
    const { model, session } = setUp({ before });
    await session.lookAhead(model, request);
    expect(session.state).toMatchObject({ ahead: 'no', asked: [] });
    expect((await ask(session))?.state.error?.code).toBe('session-failed');
    isBroken = false;
    expect((await ask(session))?.report).toMatchObject({ answer: 'dog', aheadMs: 0 });
  });
});

describe('a region by hand', () => {
  it('goes on from the first look of the same question', async () => {
    const { session } = setUp({ replies: [LOCATE, ANSWER, 'one'] });
    await ask(session);
    const again = await ask(session, { region: REGION });
    expect(again?.state.stages.map(({ name }) => name)).toEqual(['coarse', 'crop']);
    expect(again?.state.regions).toMatchObject([{ source: 'hand' }]);
    expect(again?.report).toMatchObject({ answer: 'one' });
    // Kept whole, so that it can be shown again elsewhere.
    expect(foldRun(again?.events ?? [])).toEqual(again?.state);
  });

  it('begins anew for another question, and the picture is still not encoded again', async () => {
    const { session, encodes } = setUp();
    await ask(session);
    const other = await ask(session, { region: REGION, text: 'And where?' });
    expect(other?.state.stages[0]?.text).toBe(LOCATE);
    expect(other?.report?.visionTokens.coarse).toBe(0);
    expect(encodes()).toBe(3);
  });
});

describe('what was asked', () => {
  it('is shown again without computing, beside the baseline of the same question', async () => {
    const { model, session } = setUp({ replies: [LOCATE, ANSWER, 'full', LOCATE, 'b'] });
    const first = await ask(session);
    const full = await ask(session, { policy: 'full-resolution' });
    const second = await ask(session, { text: 'And where?' });
    expect(session.state.shown).toEqual({ looks: second?.id, baseline: full?.id });
    const { log } = model;
    const verbs = log.length;
    session.show(first?.id ?? 0);
    expect(session.state.shown).toEqual({ looks: first?.id, baseline: full?.id });
    session.show(second?.id ?? 0);
    expect(session.state.shown).toEqual({ looks: second?.id, baseline: null });
    expect(log).toHaveLength(verbs);
    expect(session.state.asked.map(({ id }) => id)).toEqual([second?.id, full?.id, first?.id]);
  });

  it('is told event by event, with the state that it made', async () => {
    const { session } = setUp();
    const seen: string[] = [];
    session.subscribe((event) => seen.push(event?.type ?? '-'));
    const events = [];
    for await (const { type } of session.ask({ policy: 'coarse-to-fine', text: 'What?' })) {
      events.push(type);
    }
    expect(seen.filter((type) => type !== '-')).toEqual(events);
  });
});

describe('an end', () => {
  it('by stop leaves what came until then, and the next question goes on from the first look', async () => {
    const { session, encodes } = setUp({ replies: [LOCATE, LOCATE, ANSWER] });
    for await (const { type } of session.ask({ policy: 'coarse-to-fine', text: 'What?' })) {
      if (type === 'token') session.stop();
    }
    expect(session.state.asked[0]?.state).toMatchObject({ error: { code: 'cancelled' } });
    expect(session.state.running).toBeNull();
    const next = await ask(session);
    expect(next?.report?.visionTokens.coarse).toBe(0);
    expect(encodes()).toBe(2);
    // Without an answer it is not kept.
    expect(session.state.asked).toHaveLength(1);
  });

  it('by a newer question leaves nothing of the older one', async () => {
    const { session } = setUp();
    const older = session.ask({ policy: 'coarse-to-fine', text: 'What?' });
    await older.next();
    const newer = ask(session);
    for await (const event of older) expect(['stage-started', 'run-failed']).toContain(event.type);
    expect((await newer)?.report?.answer).toBe('dog');
    expect(session.state.asked.map(({ text }) => text)).toEqual(['What is it?']);
  });

  it('by a reader that leaves frees what the run made', async () => {
    const { model, session } = setUp();
    for await (const { type } of session.ask({ policy: 'coarse-to-fine', text: 'What?' })) {
      if (type === 'token') break;
    }
    expect(session.state).toMatchObject({ asked: [], running: null });
    await session.relieve();
    expect(model.alive()).toEqual(NOTHING);
  });

  it('without a model says nothing', async () => {
    const { session } = setUp({}, { model: async () => null });
    expect(await ask(session)).toBeNull();
    expect(session.state).toMatchObject({ asked: [], running: null });
  });

  it('of the model forgets what it held; the next one begins anew', async () => {
    let isLost = false;
    const before = () => {
      if (isLost) throw new ErgoError('device-lost', 'Gone.');
    };
    const { session, encodes } = setUp({ before });
    await ask(session);
    isLost = true;
    expect((await ask(session))?.state.error?.code).toBe('device-lost');
    isLost = false;
    expect((await ask(session))?.report?.visionTokens.coarse).toBe(88);
    expect(encodes()).toBe(4);
  });

  it('of a picture closes everything that was shown, each once', async () => {
    const closed = vi.fn<() => void>();
    const scripted = scriptedPicture({ width: 4000, height: 3000 });
    const preview = { width: 1, height: 1, close: closed };
    const shown = (view: PictureView): PictureView => ({ ...view, preview: { ...preview } });
    const picture = {
      ...scripted,
      view: async (...of: Parameters<typeof scripted.view>) => shown(await scripted.view(...of)),
      crop: async (...of: Parameters<typeof scripted.crop>) => shown(await scripted.crop(...of)),
    };
    const { session } = setUp({}, { picture, previews: true });
    await ask(session);
    await ask(session, { text: 'And where?' });
    expect(closed).not.toHaveBeenCalled();
    await session.close();
    // One first look, two crops.
    expect(closed).toHaveBeenCalledTimes(3);
  });
});

it('what is kept is given back when memory is short', async () => {
  const { model, session } = setUp();
  const heavy = { weights: 0, keyValues: 0, pictures: 0, wasmHeap: 3.5 * 1024 ** 3 };
  vi.spyOn(model, 'memory').mockResolvedValue(heavy);
  await ask(session);
  expect(model.alive()).toEqual(NOTHING);
  expect((await ask(session))?.report?.visionTokens.coarse).toBeLessThanOrEqual(coarse);
});

it('a small picture is looked at once, and held for further questions', async () => {
  const small = scriptedPicture({ width: 280, height: 224 });
  const { session, encodes } = setUp({ replies: [ANSWER, ANSWER] }, { picture: small });
  const first = await ask(session);
  const second = await ask(session);
  expect(first?.report?.visionTokens).toMatchObject({ coarse: 0, total: 80, fullResolution: 80 });
  expect(second?.report?.visionTokens.total).toBe(0);
  expect(encodes()).toBe(1);
});

const never = (): Promise<never> => new Promise(() => undefined);

it('tells how far a long prefill is, but keeps it in no record', async () => {
  const { model, session } = setUp();
  const extend = model.extend.bind(model);
  vi.spyOn(model, 'extend').mockImplementation((context, parts, signal, onProgress) => {
    onProgress?.(3, 8);
    return extend(context, parts, signal);
  });
  const told = new Set<unknown>();
  session.subscribe((event) => {
    if (event?.type !== 'prefilling') return;
    told.add(session.state.asked[0]?.state.stages.at(-1)?.reading);
  });
  const asked = await ask(session);
  expect([...told]).toContainEqual({ done: 3, total: 8 });
  expect(asked?.events.map(({ type }) => type)).not.toContain('prefilling');
  expect(asked?.state.stages.map(({ reading }) => reading)).toEqual([null, null]);
});

describe('a model that hangs', () => {
  it('does not keep a run from ending when it is stopped', async () => {
    vi.useFakeTimers();
    const { model, session } = setUp();
    const generates = vi.spyOn(model, 'generate').mockImplementation(async function* (_, options) {
      await new Promise((_resolve, reject) => {
        const stopped = new ErgoError('cancelled', 'Stopped.');
        options.signal?.addEventListener('abort', () => reject(stopped));
      });
      yield* [];
      return await never();
    });
    vi.spyOn(model, 'release').mockImplementation(never);
    vi.spyOn(model, 'releasePicture').mockImplementation(never);
    const asking = ask(session);
    await vi.waitFor(() => expect(generates).toHaveBeenCalled());
    session.stop();
    await vi.advanceTimersByTimeAsync(3000);
    expect((await asking)?.state.error?.code).toBe('cancelled');
    expect(session.state.running).toBeNull();
    const closing = session.close();
    await vi.advanceTimersByTimeAsync(6000);
    await closing;
    vi.useRealTimers();
  });

  it('ends at once for whoever stops before there is a model', async () => {
    const { session } = setUp({}, { model: never });
    const asking = ask(session);
    session.stop();
    expect(await asking).toBeNull();
  });
});

import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CheckLook, CheckResult } from '../../core/check/check.ts';
import { throwIfCancelled } from '../../core/errors.ts';
import { scriptedModel } from '../../core/policies/testing/scripted.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import { beginRun } from '../backend/busy.ts';
import type { ModelOffer } from '../backend/offer.ts';
import { useChecks } from './checks.ts';
import { useModel } from './model-store.ts';

const PAGE = 'https://page.example/';
const REPORT = { boxes: [], meanIou: 0.8, millisecondsPerLook: 10 } as unknown as CheckResult;
const LOOK = { iou: 0.8 } as CheckLook;

/** Checks that were begun; each looks once and ends when the test says so. */
const begun: { readonly end: () => void }[] = [];
const annotate = vi.fn<(...note: unknown[]) => Promise<void>>(async () => undefined);
let stored: { reference: string; notes: object }[] = [];

vi.mock('../backend/load-backend.ts', () => ({
  loadBackend: async () => ({
    openPageStore: async () => ({ annotate, list: async () => stored }),
    async *checkModel({ signal }: { signal: AbortSignal }) {
      const ended = new Promise<void>((end) => begun.push({ end }));
      yield LOOK;
      await ended;
      throwIfCancelled(signal);
      return REPORT;
    },
  }),
}));

function use(reference: string): void {
  const offer = { source: { reference }, profile: TINY_PROFILE } as ModelOffer;
  useModel.setState({ offer, model: scriptedModel({ replies: [] }), status: 'ready' });
}

function pick(bytes: number): void {
  const files = [{ path: 'decoder.onnx', bytes, sha256: null }];
  const offer = { source: { files }, profile: TINY_PROFILE, dtype: 'q8' } as unknown;
  const model = scriptedModel({ replies: [] });
  useChecks.setState({ checks: {} });
  useModel.setState({ offer: offer as ModelOffer, model, status: 'ready' });
}

const state = (reference: string) => useChecks.getState().checks[reference];
const settle = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(async () => {
  vi.stubGlobal('document', { baseURI: PAGE });
  useModel.setState({ model: null });
  for (const { end } of begun) end();
  await settle();
  begun.length = 0;
  stored = [];
  annotate.mockClear();
  useChecks.setState({ checks: {} });
});

describe('the check of a model', () => {
  it('comes by itself after the first load, and is kept beside the model', async () => {
    use('a/first@1');
    await vi.waitFor(() => expect(state('a/first@1')).toMatchObject({ looks: [LOOK] }));
    begun[0]?.end();
    await vi.waitFor(() => expect(state('a/first@1')).toEqual({ status: 'done', report: REPORT }));
    expect(annotate).toHaveBeenCalledExactlyOnceWith('a/first@1', 'check', REPORT);
  });

  it('of a picked folder is kept for as long as the folder is the same', async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    const name = `folder ${TINY_PROFILE.id}`;
    pick(7);
    await vi.waitFor(() => expect(begun).toHaveLength(1));
    begun[0]?.end();
    await vi.waitFor(() => expect(state(name)).toMatchObject({ status: 'done' }));
    pick(7);
    await vi.waitFor(() => expect(state(name)).toEqual({ status: 'done', report: REPORT }));
    expect(begun).toHaveLength(1);
    pick(8);
    await vi.waitFor(() => expect(begun).toHaveLength(2));
    vi.unstubAllGlobals();
    vi.stubGlobal('document', { baseURI: PAGE });
  });

  it('does not come for a model that was checked, or that we have tried', async () => {
    stored = [{ reference: 'a/old@1', notes: { check: REPORT } }];
    use('a/old@1');
    await settle();
    use(`${PAGE}models/ergo-tiny/`);
    await settle();
    expect(begun).toHaveLength(0);
    // A person may still ask for it.
    useChecks.getState().check();
    await vi.waitFor(() => expect(begun).toHaveLength(1));
  });

  it('makes way for what a person asks, and begins anew when that is answered', async () => {
    use('a/busy@1');
    await vi.waitFor(() => expect(begun).toHaveLength(1));
    const end = beginRun();
    begun[0]?.end();
    await vi.waitFor(() => expect(state('a/busy@1')).toBeUndefined());
    end();
    await vi.waitFor(() => expect(begun).toHaveLength(2));
    begun[1]?.end();
    await vi.waitFor(() => expect(state('a/busy@1')?.status).toBe('done'));
    expect(annotate).toHaveBeenCalledOnce();
  });

  it('can be stopped, and does not come again by itself', async () => {
    use('a/stopped@1');
    await vi.waitFor(() => expect(begun).toHaveLength(1));
    useChecks.getState().stop();
    begun[0]?.end();
    await vi.waitFor(() => expect(state('a/stopped@1')).toBeUndefined());
    beginRun()();
    await settle();
    expect(begun).toHaveLength(1);
  });
});

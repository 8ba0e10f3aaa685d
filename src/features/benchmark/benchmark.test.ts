import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { BenchItem, Dataset } from '../../core/bench/item.ts';
import type { VisionLanguageModel } from '../../core/contracts/model.ts';
import { ErgoError, type ErrorCode } from '../../core/errors.ts';
import { TINY_PROFILE } from '../../core/policies/testing/tiny-profile.ts';
import type { RunEvent } from '../../core/run/events.ts';
import type { AskRequest, Session, SessionParts } from '../../core/session/session.ts';
import { inWords, spend, timeLeft } from './forecast.ts';
import { measure, type Job, type Step } from './measure.ts';
import { inOrder, readCaps, taughtOf, type Plan } from './settings.ts';

type RunRequest = AskRequest & { readonly model: VisionLanguageModel | null };

const backend = vi.hoisted(() => ({
  openPicture: vi.fn<() => Promise<unknown>>(),
  startRun: vi.fn<(request: RunRequest) => AsyncGenerator<RunEvent>>(),
  openSession: (parts: SessionParts): Partial<Session> => ({
    async *ask(request) {
      if (parts.keeps !== false) throw new Error('A benchmark keeps nothing.');
      yield* backend.startRun({ ...request, model: await parts.model() });
      return null;
    },
    stop: () => undefined,
    close: () => Promise.resolve(),
  }),
}));
vi.mock('../backend/load-backend.ts', () => ({ loadBackend: () => Promise.resolve(backend) }));

const items: readonly BenchItem[] = ['a', 'b', 'c'].map((id) => ({
  id,
  image: `${id}.jpg`,
  text: `Read ${id}.`,
  options: [],
  label: id,
  category: 'all',
  boxes: [],
}));
const dataset: Dataset = {
  name: 'letters',
  items,
  refused: [],
  picture: ({ id }) =>
    id === 'c'
      ? Promise.reject(new ErgoError('dataset-unreadable', 'no c'))
      : Promise.resolve(new Blob([id])),
};
const plan: Plan = {
  settings: { policies: ['coarse-only', 'full-resolution'], limit: 3, seed: null },
  prompts: null,
  items,
  key: 'k',
};

function model(used: 'wasm' | 'webgpu' = 'wasm'): VisionLanguageModel {
  const device = { requested: used, used, adapter: null, fallback: false } as const;
  const info = { profile: TINY_PROFILE, dtype: 'q8', device };
  return { info } as unknown as VisionLanguageModel;
}

/** Answers with the last word of the question, or fails. */
async function* answers(
  { text: question, policy, model }: RunRequest,
  error?: ErrorCode,
): AsyncGenerator<RunEvent> {
  const text = question.slice(5, 6);
  await Promise.resolve();
  yield {
    type: 'run-started',
    policy,
    picture: { width: 10, height: 10, nativeTokens: 4 },
    model: { id: 'tiny', dtype: 'q8' },
    device: model?.info.device,
    at: 0,
  } as RunEvent;
  if (error) return yield { type: 'run-failed', at: 1, error: { code: error, message: 'over' } };
  yield { type: 'answered', answer: { text, letter: null, thinking: '', confidence: null }, at: 1 };
  yield { type: 'run-finished', at: 2 };
}

function job(change: Partial<Job> = {}): Job {
  const only = model();
  return {
    dataset,
    plan,
    isDone: () => false,
    load: () => Promise.resolve(only),
    signal: new AbortController().signal,
    ...change,
  };
}

async function steps(given: Job): Promise<Step[]> {
  const all: Step[] = [];
  for await (const step of measure(given)) all.push(step);
  return all;
}

const told = (step: Step): string =>
  step.type === 'ended'
    ? `${step.kept.run.id} ${step.policy} ${step.kept.run.correct}`
    : `${step.isWarmUp ? 'warm ' : ''}${step.item.id} ${step.policy}`;

const ended = (all: readonly Step[]): string[] =>
  all.filter(({ type }) => type === 'ended').map(told);

const view = (columns: number): object => ({
  patches: { size: { grid: { columns, rows: 2 } } },
});

beforeEach(() => {
  backend.openPicture
    .mockReset()
    .mockImplementation(() => Promise.resolve({ close: () => Promise.resolve() }));
  backend.startRun.mockReset().mockImplementation((request: RunRequest) => answers(request));
});

describe('measuring', () => {
  it('warms each policy up, alternates them, and counts what cannot be read as wrong', async () => {
    const all = await steps(job());
    expect(all.slice(0, 4).map(told)).toEqual([
      'warm a coarse-only',
      'a coarse-only',
      'a coarse-only true',
      'warm a full-resolution',
    ]);
    expect(ended(all)).toEqual([
      'a coarse-only true',
      'a full-resolution true',
      'b full-resolution true',
      'b coarse-only true',
      'c coarse-only false',
      'c full-resolution false',
    ]);
  });

  it('leaves out what is done', async () => {
    const done = new Set(['a coarse-only', 'a full-resolution', 'b full-resolution']);
    const isDone: Job['isDone'] = ({ id }, policy) => done.has(`${id} ${policy}`);
    expect(ended(await steps(job({ isDone })))).toEqual([
      'b coarse-only true',
      'c coarse-only false',
      'c full-resolution false',
    ]);
  });

  it('discards the first run of a shape on a GPU', async () => {
    const gpu = model('webgpu');
    backend.startRun.mockImplementation(async function* (request: RunRequest) {
      const seen = view(request.text.includes('b') ? 3 : 2);
      for await (const event of answers(request)) {
        if (event.type === 'answered') {
          yield { type: 'stage-started', stage: 'coarse', at: 0 };
          yield { type: 'picture-viewed', stage: 'coarse', view: seen, at: 0 } as RunEvent;
        }
        yield event;
      }
    });
    const one: Plan = { ...plan, settings: { ...plan.settings, policies: ['coarse-only'] } };
    await steps(job({ plan: one, load: () => Promise.resolve(gpu) }));
    // Item a: warm-up and run. Item b has another grid: discarded, run. Item c has no picture.
    expect(backend.startRun).toHaveBeenCalledTimes(4);
  });

  it('loads a new model after one died, and does not warm up what kills each', async () => {
    let current = model();
    let deaths = 0;
    backend.startRun.mockImplementation((request: RunRequest) => {
      if (request.policy !== 'full-resolution') return answers(request);
      deaths++;
      current = model();
      return answers(request, 'out-of-memory');
    });
    const all = await steps(job({ load: () => Promise.resolve(current) }));
    expect(ended(all).slice(0, 4)).toEqual([
      'a coarse-only true',
      'a full-resolution false',
      'b full-resolution false',
      'b coarse-only true',
    ]);
    // Once in its warm-up, then once for each of a and b.
    expect(deaths).toBe(3);
  });

  it('ends without a result when it is cancelled or there is no model', async () => {
    const controller = new AbortController();
    backend.openPicture.mockImplementation(() => {
      controller.abort();
      return Promise.reject(new ErgoError('cancelled', 'stopped'));
    });
    await expect(steps(job({ signal: controller.signal }))).rejects.toThrow('cancelled');
    const gone = new ErgoError('weights-missing', 'gone');
    await expect(steps(job({ load: () => Promise.reject(gone) }))).rejects.toThrow('gone');
  });
});

describe('the forecast', () => {
  it('knows that policies differ in speed', async () => {
    const all = await steps(job());
    const runs = all.flatMap((step) => (step.type === 'ended' ? [step.kept.run] : []));
    expect(timeLeft(plan, [], {})).toBeNull();
    const spent = spend(spend({}, 'coarse-only', 100), 'coarse-only', 300);
    // Three of 200 ms, and three of a policy of which nothing is known.
    expect(timeLeft(plan, [], spent)).toBe(1200);
    const both = spend(spent, 'full-resolution', 1000);
    expect(timeLeft(plan, runs.slice(0, 2), both)).toBe(2 * 200 + 2 * 1000);
    expect(timeLeft(plan, runs, both)).toBe(0);
    expect(inOrder(runs.toReversed(), plan).map(({ id, policy }) => `${id} ${policy}`)).toEqual(
      items.flatMap(({ id }) => [`${id} coarse-only`, `${id} full-resolution`]),
    );
  });

  it('speaks in words', () => {
    expect([400, 89_000, 100_000, 6_000_000].map(inWords)).toEqual([
      '0 s',
      '89 s',
      '2 min',
      '1 h 40 min',
    ]);
  });
});

it.each([
  ['', []],
  ['640, 100 640', [100, 640]],
  ['16384', [16384]],
  ['2', null],
  ['640, many', null],
])('reads "%s" as caps', (text, caps) => {
  expect(readCaps(text)).toEqual(caps);
});

it('measures only ways of looking that the model was taught, and two looks where none is left', () => {
  const { search: _, ...prompts } = TINY_PROFILE.prompts;
  expect(taughtOf(['search', 'on-demand', 'coarse-only'], prompts)).toEqual([
    'on-demand',
    'coarse-only',
  ]);
  expect(taughtOf(['search'], prompts)).toEqual(['coarse-to-fine']);
});

/** `window.ergo`: the door for scripts, over the same backend as the page's own button. */
import type {
  Automation,
  AutomationEvent,
  AutomationRequest,
  CheckEvent,
  CheckRequest,
  LoadingEvent,
} from '../core/contracts/automation.ts';
import { throwIfCancelled, toErgoError, toWire } from '../core/errors.ts';
import { mapSteps } from '../core/policies/map-steps.ts';
import type { Asked } from '../core/session/asked.ts';
import type { AskRequest, Session } from '../core/session/session.ts';
import type { LoadProgress } from '../features/backend/backend.ts';
import { loadBackend, type Backend } from '../features/backend/load-backend.ts';
import type { RemoteModel } from '../workers/clients/remote-model.ts';
import { engineOf, type Engine } from './engines.ts';

declare global {
  var ergo: Automation | undefined;
}

export function openDoor(): void {
  globalThis.ergo = { version: 1, ask, check };
}

async function* ask(file: Blob, request: AutomationRequest): AsyncGenerator<AutomationEvent> {
  const left = new AbortController();
  let engine: Engine | undefined;
  try {
    const backend = await loadBackend();
    const offer = await offerOf(backend, request, left.signal);
    engine = await engineOf(request.engine ?? 'ergo', backend);
    const model = yield* load(engine, offer, request, left.signal);
    const { question, followUps = [], engine: name = 'ergo', prompts, ...about } = request;
    const asked = prompts ? backend.prompted(model, backend.parsePrompts(prompts)) : model;
    const started = performance.now();
    const picture = await engine.open(file, offer.profile.image);
    const keeps = name === 'ergo' && followUps.length > 0;
    const session = backend.openSession({ picture, model: async () => asked, keeps });
    try {
      for (const [index, text] of [question, ...followUps].entries()) {
        // The picture was opened for the first question.
        const opened = index === 0 ? { started } : {};
        const answered = yield* answer(session, { ...about, ...opened, text });
        if (answered?.report) continue;
        engine.loaded = null;
        const error = answered?.state.error ?? toWire(new Error('No answer came.'));
        return yield { type: 'failed', error };
      }
    } finally {
      await session.close();
    }
  } catch (thrown) {
    if (engine) engine.loaded = null;
    yield { type: 'failed', error: toWire(toErgoError(thrown)) };
  } finally {
    left.abort();
  }
}

async function* check(request: CheckRequest): AsyncGenerator<CheckEvent> {
  const left = new AbortController();
  let engine: Engine | undefined;
  try {
    const backend = await loadBackend();
    const offer = await offerOf(backend, request, left.signal);
    engine = await engineOf('ergo', backend);
    const model = yield* load(engine, offer, request, left.signal);
    const looks = backend.checkModel({
      model,
      pictures: engine,
      now: () => performance.now(),
      signal: left.signal,
    });
    const result = yield* mapSteps(looks, (look): CheckEvent => ({ type: 'look', look }));
    const { profile, dtype, device } = model.info;
    yield { type: 'checked', result, model: { id: profile.id, dtype, device } };
  } catch (thrown) {
    if (engine) engine.loaded = null;
    yield { type: 'failed', error: toWire(toErgoError(thrown)) };
  } finally {
    left.abort();
  }
}

async function* answer(
  session: Session,
  request: AskRequest,
): AsyncGenerator<AutomationEvent, Asked | null> {
  const asked = yield* mapSteps(session.ask(request), (event): AutomationEvent => ({
    type: 'run',
    event,
  }));
  if (asked?.report) yield { type: 'report', report: asked.report };
  return asked;
}

function offerOf(
  backend: Backend,
  { model, dtype, device, hub }: CheckRequest,
  signal: AbortSignal,
): ReturnType<Backend['offerModel']> {
  return backend.offerModel(model, { dtype, device, hub, signal });
}

/** Progress as events, then the model. The door does not touch the page's own model. */
async function* load(
  engine: Engine,
  offer: Awaited<ReturnType<Backend['offerModel']>>,
  { device, threads }: CheckRequest,
  signal: AbortSignal,
): AsyncGenerator<LoadingEvent, RemoteModel> {
  const key = [offer.source.baseUrl, offer.dtype, device, threads].join(' ');
  if (engine.loaded?.key === key) return engine.loaded.model;
  const steps: LoadProgress[] = [];
  let wake: (() => void) | undefined;
  let isSettled = false;
  const loading = engine.load(offer, {
    device,
    threads,
    signal,
    onProgress(step) {
      steps.push(step);
      wake?.();
    },
    onGone: () => (engine.loaded = null),
  });
  const settle = (): void => {
    isSettled = true;
    wake?.();
  };
  loading.then(settle, settle);
  for (;;) {
    for (let step = steps.shift(); step; step = steps.shift()) yield loadingEvent(step);
    throwIfCancelled(signal);
    if (isSettled) break;
    await new Promise<void>((resolve) => (wake = resolve));
  }
  const model = await loading;
  engine.loaded = { key, model };
  return model;
}

function loadingEvent(step: LoadProgress): LoadingEvent {
  if (step.phase !== 'download') return { type: 'loading', phase: step.phase };
  const { phase, loadedOfAll: loadedBytes, totalOfAll: totalBytes } = step;
  return { type: 'loading', phase, loadedBytes, totalBytes };
}

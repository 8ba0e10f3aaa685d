/** The fold of a stream of RunEvents: a state to draw while it runs, a report when it is over. */
import type { WireError } from '../errors.ts';
import { readZoom, type ZoomReading } from '../protocol/live-zoom.ts';
import { tokenAccount } from './account.ts';
import type { Answer, Notice, RunEvent, RunEventOf, StageMeasure, StageName } from './events.ts';
import type { RunReport, RunTimings } from './report.ts';

/** One stage, as far as it got. */
export interface StageState {
  readonly name: StageName;
  readonly startedAt: number;
  readonly views: readonly RunEventOf<'picture-viewed'>['view'][];
  readonly visionTokens: number;
  readonly prefill: { readonly prefilled: number; readonly reused: number } | null;
  /** Tokens that are read of those that have to be, while that takes several steps. */
  readonly reading: { readonly done: number; readonly total: number } | null;
  readonly text: string;
  readonly tokens: number;
  /** Milliseconds since the run started. */
  readonly firstTokenAt: number | null;
  readonly measure: StageMeasure | null;
}

export interface RunState {
  readonly status: 'idle' | 'running' | 'finished' | 'failed';
  readonly started: RunEventOf<'run-started'> | null;
  readonly stages: readonly StageState[];
  /** The box that is being written; null before and in stages that write none. */
  readonly zoom: ZoomReading | null;
  readonly predicted: RunEventOf<'region-predicted'> | null;
  readonly regions: readonly RunEventOf<'region-chosen'>[];
  readonly notices: readonly Notice[];
  readonly answer: Answer | null;
  readonly error: WireError | null;
  /** `at` of the last event. */
  readonly elapsed: number;
}

export const IDLE_RUN: RunState = {
  status: 'idle',
  started: null,
  stages: [],
  zoom: null,
  predicted: null,
  regions: [],
  notices: [],
  answer: null,
  error: null,
  elapsed: 0,
};

/** The state after one more event; the state given stays as it is. */
export function foldEvent(before: RunState, event: RunEvent): RunState {
  const state = { ...before, elapsed: event.at };
  switch (event.type) {
    case 'run-started':
      return { ...IDLE_RUN, status: 'running', started: event };
    case 'stage-started':
      return { ...state, stages: [...state.stages, newStage(event.stage, event.at)] };
    case 'picture-viewed':
      return inStage(state, (stage) => ({ ...stage, views: [...stage.views, event.view] }));
    case 'picture-encoded':
      return inStage(state, (stage) => ({
        ...stage,
        visionTokens: stage.visionTokens + event.tokens,
      }));
    case 'prefilling': {
      const { done, total } = event;
      return inStage(state, (stage) => ({ ...stage, reading: { done, total } }));
    }
    case 'prefilled': {
      const { prefilled, reused } = event;
      const prefill = { prefilled, reused };
      return inStage(state, (stage) => ({ ...stage, prefill, reading: null }));
    }
    case 'token': {
      const next = inStage(state, (stage) => ({
        ...stage,
        text: stage.text + event.step.text,
        tokens: stage.tokens + 1,
        firstTokenAt: stage.firstTokenAt ?? event.at,
      }));
      const zoom = event.stage === 'coarse' ? readZoom(next.stages.at(-1)?.text ?? '') : null;
      return { ...next, zoom: zoom ?? next.zoom };
    }
    case 'generated':
      return inStage(state, (stage) => ({ ...stage, text: event.result.text }));
    case 'region-predicted':
      return { ...state, predicted: event };
    case 'region-chosen':
      return { ...state, regions: [...state.regions, event] };
    case 'notice':
      return { ...state, notices: [...state.notices, event.notice] };
    case 'stage-measured':
      return inStage(state, (stage) => ({ ...stage, measure: event.measure }));
    case 'context-kept':
      return state;
    case 'answered':
      return { ...state, answer: event.answer };
    case 'run-finished':
      return { ...state, status: 'finished' };
    case 'run-failed':
      return { ...state, status: 'failed', error: event.error };
  }
}

/** What was looked at more closely, in the order of the looks. */
export function cropsOf({ stages }: RunState): StageState['views'] {
  return stages.filter(({ name }) => name === 'crop').flatMap(({ views }) => views);
}

export function foldRun(events: Iterable<RunEvent>): RunState {
  let state = IDLE_RUN;
  for (const event of events) state = foldEvent(state, event);
  return state;
}

/** @returns the events of the first stage, up to its account; nothing if it was not over */
export function firstStage(events: readonly RunEvent[]): readonly RunEvent[] {
  const start = events.findIndex(({ type }) => type === 'stage-started');
  const end = events.findIndex(({ type }) => type === 'stage-measured');
  return start < 0 || end < 0 ? [] : events.slice(start, end + 1);
}

/** @returns null unless the run finished with an answer */
export function reportOf(state: RunState): RunReport | null {
  const { started, answer, status } = state;
  if (status !== 'finished' || started === null || answer === null) return null;
  const measures = state.stages.flatMap(({ measure }) => (measure ? [measure] : []));
  const { width, height, nativeTokens } = started.picture;
  return {
    answer: answer.text,
    policy: started.policy,
    model: started.model.id,
    dtype: started.model.dtype,
    device: started.device,
    image: { width, height, nativeTokens },
    regions: state.regions.map(({ original: { x, y, width, height }, source }) => ({
      x,
      y,
      width,
      height,
      source,
    })),
    visionTokens: tokenAccount(measures, started.fullResolutionTokens),
    prefill: {
      new: total(measures, ({ prefilled }) => prefilled),
      reused: total(measures, ({ reused }) => reused),
      recomputed: total(measures, ({ recomputed }) => recomputed),
    },
    generatedTokens: total(measures, ({ generatedTokens }) => generatedTokens),
    timings: timingsOf(state, measures),
    aheadMs: started.aheadMs,
    notices: state.notices,
    stages: measures,
    details: answer,
  };
}

function timingsOf(state: RunState, measures: readonly StageMeasure[]): RunTimings {
  return {
    decodeImage: total(
      measures,
      ({ timings }) => timings.decodeImage + timings.resize + timings.patchify,
    ),
    encode: total(measures, ({ timings }) => timings.encode),
    prefill: total(measures, ({ timings }) => timings.prefill),
    ttft: state.stages.at(-1)?.firstTokenAt ?? state.elapsed,
    decode: total(measures, ({ timings }) => timings.decode),
    total: state.elapsed,
  };
}

function total(measures: readonly StageMeasure[], of: (measure: StageMeasure) => number): number {
  return measures.reduce((sum, measure) => sum + of(measure), 0);
}

function newStage(name: StageName, startedAt: number): StageState {
  return {
    name,
    startedAt,
    views: [],
    visionTokens: 0,
    prefill: null,
    reading: null,
    text: '',
    tokens: 0,
    firstTokenAt: null,
    measure: null,
  };
}

/** Events of a stage belong to the one that was started last. */
function inStage(state: RunState, change: (stage: StageState) => StageState): RunState {
  const last = state.stages.at(-1);
  if (last === undefined) return state;
  return { ...state, stages: [...state.stages.slice(0, -1), change(last)] };
}

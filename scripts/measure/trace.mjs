/** Reading Chromium's traces (the Trace Event Format). */

/**
 * @typedef {{ name: string, ph: string, pid: number, tid: number, ts: number, dur?: number,
 *   tdur?: number, args?: Record<string, any> }} TraceEvent times in microseconds
 * @typedef {{ at: number, wall: number, cpu: number, parts: () => string[] }} Task
 *   milliseconds; `cpu` is `wall` where the browser does not tell it; `parts` are the heaviest
 *   things inside
 */

const TASKS = ['ThreadControllerImpl::RunTask', 'RunTask'];
/** Frames of the scheduler; they say nothing about what was done. */
const FRAMES = [...TASKS, 'SimpleWatcher::OnHandleReady', 'RunMicrotasks'];

/**
 * Tasks of the thread on which two marks of `performance.mark` lie, between them.
 * @param {readonly TraceEvent[]} events
 * @param {string} from
 * @param {string} to
 * @returns {Task[]}
 */
export function mainThreadTasks(events, from, to) {
  const end = events.findLast(({ name }) => name === to);
  const start = events.findLast(({ name, ts }) => name === from && ts <= (end?.ts ?? 0));
  if (!end) throw new Error(`The trace has no mark ${to}.`);
  // A navigation in between starts another process, whose clock is the same.
  const first = start?.ts ?? 0;
  const here = events.filter(
    ({ pid, tid, ph, ts }) =>
      ph === 'X' && pid === end.pid && tid === end.tid && ts >= first && ts < end.ts,
  );
  // Some tasks are told twice, the one around the other.
  const tasks = [];
  let free = 0;
  for (const task of here.filter(({ name }) => TASKS.includes(name)).toSorted(outerFirst)) {
    if (task.ts < free) continue;
    free = endOf(task);
    tasks.push(task);
  }
  return tasks.map((task) => ({
    at: Math.round((task.ts - first) / 1000),
    wall: (task.dur ?? 0) / 1000,
    cpu: (task.tdur ?? task.dur ?? 0) / 1000,
    parts: () => partsOf(task, here),
  }));
}

/** @param {TraceEvent} event */
function endOf({ ts, dur = 0 }) {
  return ts + dur;
}

/** @param {TraceEvent} a @param {TraceEvent} b */
function outerFirst(a, b) {
  return a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0);
}

/** @param {TraceEvent} task @param {readonly TraceEvent[]} events */
function partsOf(task, events) {
  return events
    .filter(
      (event) => !FRAMES.includes(event.name) && event.ts >= task.ts && endOf(event) <= endOf(task),
    )
    .toSorted((a, b) => (b.tdur ?? b.dur ?? 0) - (a.tdur ?? a.dur ?? 0))
    .slice(0, 6)
    .map(({ name, dur = 0, tdur = dur, args }) => {
      const { functionName, url, fileName } = args?.['data'] ?? {};
      const where = [functionName, (url ?? fileName)?.split('/').at(-1)].filter(Boolean).join(' ');
      return `${name} ${(tdur / 1000).toFixed(1)} ms${where && ` (${where})`}`;
    });
}

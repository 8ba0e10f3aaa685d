/** Progress of a benchmark in words. */

/** @typedef {import('../../src/core/bench/score.ts').BenchRun} BenchRun */

/**
 * @param {{ done: number, all: number, before: number, elapsed: number, runs: readonly BenchRun[], policies: readonly string[] }} state
 *   `before`: items that an earlier run had finished; `elapsed`: milliseconds since this one began
 * @returns {string} "3/40  7 min left  coarse-to-fine 2/3  ..."
 */
export function progressLine({ done, all, before, elapsed, runs, policies }) {
  const own = done - before;
  const left = own > 0 ? `${duration((elapsed / own) * (all - done))} left` : '';
  const scores = policies.map((name) => {
    const ofPolicy = runs.filter(({ policy }) => policy === name);
    return `${name} ${ofPolicy.filter(({ correct }) => correct).length}/${ofPolicy.length}`;
  });
  return [`${done}/${all}`, left, ...scores].filter(Boolean).join('  ');
}

/** @param {number} milliseconds */
function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

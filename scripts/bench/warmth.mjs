/**
 * Which runs are discarded. A graphics driver compiles programs for the shapes that it meets, so
 * the first run of every shape class in a page is repeated; a class is a policy with the token
 * grids of its views, coarse and crops. On wasm nothing is compiled per shape: there only the first
 * run of each policy is discarded.
 */

/** For the report. @param {'webgpu' | 'wasm'} device */
export function warmUpRule(device) {
  const each = 'the model is loaded once per page, then one run per policy is discarded';
  return device === 'webgpu'
    ? `warm: ${each}, and one per shape class (policy, coarse grid, crop grids)`
    : `warm: ${each}; none per shape class, since wasm compiles nothing for a shape`;
}

/** What a page has met. */
export function createWarmth() {
  /** @type {Set<string>} */
  const met = new Set();
  return {
    /**
     * @param {string} name of policy and engine
     * @param {import('./measure.mjs').Measured} run that has just ended
     * @returns {boolean} was it the first of its class, where classes matter? It is met now.
     */
    isCold(name, { outcome, grids }) {
      if ('error' in outcome || outcome.report.device.used !== 'webgpu') return false;
      // An engine that does not tell its grids tells its tokens.
      const tokens = outcome.report.stages.map(({ visionTokens }) => visionTokens);
      const key = [name, ...(grids.length > 0 ? grids : tokens)].join(' ');
      if (met.has(key)) return false;
      met.add(key);
      return true;
    },
    /** For a new page. */
    forget() {
      met.clear();
    },
  };
}

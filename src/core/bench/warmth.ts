/**
 * Which runs are discarded. A graphics driver compiles programs for the shapes that it meets, so
 * the first run of every shape class in a page is repeated; a class is a policy with the token
 * grids of its views, coarse and crops. On wasm nothing is compiled per shape: there only the first
 * run of each policy is discarded.
 */
import type { DeviceKind } from '../contracts/model.ts';
import type { Outcome } from './score.ts';

/** A run that has just ended. */
export interface EndedRun {
  readonly outcome: Outcome;
  /** Columns x rows of each view, in vision tokens; empty if the engine does not tell. */
  readonly grids: readonly string[];
}

export interface Warmth {
  /** @returns was it the first of its class, where classes matter? It is met now. */
  isCold(name: string, run: EndedRun): boolean;
  /** For a new page. */
  forget(): void;
}

/** For the report. */
export function warmUpRule(device: DeviceKind): string {
  const each = 'the model is loaded once per page, then one run per policy is discarded';
  return device === 'webgpu'
    ? `warm: ${each}, and one per shape class (policy, coarse grid, crop grids)`
    : `warm: ${each}; none per shape class, since wasm compiles nothing for a shape`;
}

/** What a page has met. */
export function createWarmth(): Warmth {
  const met = new Set<string>();
  return {
    isCold(name, { outcome, grids }) {
      if ('error' in outcome || outcome.report.device.used !== 'webgpu') return false;
      // An engine that does not tell its grids tells its tokens.
      const tokens = outcome.report.stages.map(({ visionTokens }) => visionTokens);
      const key = [name, ...(grids.length > 0 ? grids : tokens)].join(' ');
      return met.size < met.add(key).size;
    },
    forget() {
      met.clear();
    },
  };
}

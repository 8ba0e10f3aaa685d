/** Runs as a table for spreadsheets (RFC 4180). */
import type { BenchRun } from './score.ts';

type Cell = string | number | boolean | null;

const COLUMNS: Readonly<Record<string, (run: BenchRun) => Cell>> = {
  id: ({ id }) => id,
  image: ({ image }) => image,
  category: ({ category }) => category,
  policy: ({ policy }) => policy,
  label: ({ label }) => label,
  answer: ({ answer }) => answer,
  correct: ({ correct }) => correct,
  error: ({ error }) => error?.code ?? null,
  native_tokens: ({ nativeTokens }) => nativeTokens,
  vision_tokens: ({ visionTokens }) => visionTokens,
  full_resolution_tokens: ({ fullResolutionTokens }) => fullResolutionTokens,
  recalled: ({ recalled }) => recalled,
  region_area: ({ regionArea }) => regionArea,
  prefilled: ({ prefill }) => prefill?.new ?? null,
  reused: ({ prefill }) => prefill?.reused ?? null,
  generated_tokens: ({ generatedTokens }) => generatedTokens,
  flops: ({ flops }) => flops,
  ttft_ms: ({ timings }) => timings?.ttft ?? null,
  total_ms: ({ timings }) => timings?.total ?? null,
};

/** One line per run under a line of names; what is not known stays empty. */
export function runsCsv(runs: readonly BenchRun[]): string {
  const rows = runs.map((run) => Object.values(COLUMNS).map((of) => field(of(run))));
  return [Object.keys(COLUMNS), ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

function field(cell: Cell): string {
  const text = String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

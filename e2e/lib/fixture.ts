/** Tiny checkpoints, random or written by hand, in the hub's layout (training/fixtures), made once and kept. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';

const PYTHON = path.resolve('training/.venv/bin/python');
/** What the files depend on. */
const SOURCES = ['training/fixtures', 'training/export'];

export type Family = 'qwen2-vl' | 'qwen2.5-vl' | 'qwen3-vl' | 'qwen3.5';

/**
 * @param variant by its name in training/fixtures/variants.py
 * Takes ten seconds the first time; where Python's environment is not there yet, minutes.
 * @returns the folder that a hub would serve
 */
export function hubFolder(family: Family, seed = 1, variant?: string): string {
  const hash = createHash('sha256');
  for (const folder of SOURCES) {
    const files = readdirSync(folder).filter((file) => file.endsWith('.py'));
    for (const file of files.sort()) hash.update(readFileSync(path.join(folder, file)));
  }
  const name = `${[family, variant ?? 'plain', seed].join('-')}-${hash.digest('hex').slice(0, 12)}`;
  const out = path.resolve('.cache/fixtures', name);
  if (!existsSync(out)) {
    const stdio = 'inherit';
    if (!existsSync(PYTHON)) {
      execFileSync(process.execPath, ['scripts/training-setup.mjs'], { stdio });
    }
    // Under its own name only when it is whole.
    const made = `${out}-${process.pid}`;
    const asked = ['--family', family, '--seed', String(seed), '--out', made];
    if (variant) asked.push('--variant', variant);
    execFileSync(PYTHON, ['-m', 'training.fixtures', ...asked], { stdio });
    renameSync(made, out);
  }
  return path.join(out, 'hub');
}

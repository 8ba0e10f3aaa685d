/** Finished runs, one by one, and the last choice: what a reload must not lose. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { BenchRun } from '../../core/bench/score.ts';
import type { DeviceReport } from '../../core/contracts/model.ts';
import type { DeviceChoice } from '../models/model-store.ts';
import { runName, type Settings } from './settings.ts';

export interface BenchDevice {
  readonly dtype: string;
  readonly report: DeviceReport;
}

export interface KeptRun {
  readonly run: BenchRun;
  /** What it ran on. */
  readonly device: BenchDevice;
}

/** What was chosen in the last visit. */
export interface Choice {
  readonly source: 'embedded' | 'picked';
  /** Of the dataset. */
  readonly name: string;
  readonly settings: Settings;
  readonly device: DeviceChoice;
}

interface Schema extends DBSchema {
  /** By key of the plan and name of the run. */
  runs: { key: [plan: string, name: string]; value: KeptRun };
  choice: { key: 'last'; value: Choice };
}

let opening: Promise<IDBPDatabase<Schema>> | undefined;

function open(): Promise<IDBPDatabase<Schema>> {
  opening ??= openDB<Schema>('ergo-benchmark', 1, {
    upgrade(database) {
      database.createObjectStore('runs');
      database.createObjectStore('choice');
    },
    // Another tab wants a newer version.
    blocking: (_from, _to, event) => (event.target as IDBDatabase | null)?.close(),
    terminated: () => (opening = undefined),
  });
  return opening;
}

/** All runs of a plan. */
export async function keptRuns(plan: string): Promise<readonly KeptRun[]> {
  return (await open()).getAll('runs', IDBKeyRange.bound([plan], [plan, []]));
}

export async function keepRun(plan: string, kept: KeptRun): Promise<void> {
  await (await open()).put('runs', kept, [plan, runName(kept.run)]);
}

export async function forgetRuns(plan: string): Promise<void> {
  await (await open()).delete('runs', IDBKeyRange.bound([plan], [plan, []]));
}

export async function lastChoice(): Promise<Choice | undefined> {
  return (await open()).get('choice', 'last');
}

export async function keepChoice(choice: Choice): Promise<void> {
  await (await open()).put('choice', choice, 'last');
}

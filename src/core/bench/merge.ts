/** One report of several shards. */
import { ErgoError } from '../errors.ts';
import { unshard } from './order.ts';
import { benchReport, type BenchReport, type Environment } from './report.ts';
import type { BenchRun } from './score.ts';

/** A shard's report, with a name for messages (its folder). */
export interface ShardReport {
  readonly name: string;
  readonly report: BenchReport;
}

/** Where shards differ in one of these, their answers or their times are not of one kind. */
const SAME: readonly (readonly [string, (environment: Environment) => unknown])[] = [
  ['commit', ({ commit }) => commit],
  ['versions.onnxruntime-web', ({ versions }) => versions['onnxruntime-web']],
  ['versions.@huggingface/transformers', ({ versions }) => versions['@huggingface/transformers']],
  ['dataset.name', ({ dataset }) => dataset.name],
  ['dataset.of', ({ dataset }) => dataset.of],
  ['dataset.chosen', ({ dataset }) => dataset.chosen],
  ['dataset.seed', ({ dataset }) => dataset.seed],
  ['dataset.shard.count', ({ dataset }) => dataset.shard?.count],
  ['policies', ({ policies }) => policies],
  ['model', ({ model }) => model],
  ['browser.name', ({ browser }) => browser.name],
  ['browser.version', ({ browser }) => browser.version],
  ['device.used', ({ device }) => device.used],
  ['device.adapter', ({ device }) => device.adapter],
  ['device.fallback', ({ device }) => device.fallback],
  ['isolated', ({ isolated }) => isolated],
  ['warmUp', ({ warmUp }) => warmUp],
  ['memory', ({ memory }) => memory],
  ['comparability', ({ comparability }) => comparability],
  ['settings', ({ settings }) => settings],
];

/** These change times only, and a pair's runs are of one machine. */
const MACHINE: readonly (readonly [string, (environment: Environment) => unknown])[] = [
  ['processor', ({ processor }) => processor],
  ['cores', ({ cores }) => cores],
  ['threads', ({ device }) => device.threads],
];

/**
 * Summary and pairs are folded again from the items of all shards, which come in the order that one
 * run would have had.
 * @throws ErgoError `bad-request`, naming the reports and the field, if they are no shards, do not
 *   fit each other, overlap, or one is missing
 */
export function mergeReports(shards: readonly ShardReport[]): BenchReport {
  const [first, ...others] = ordered(shards);
  if (first === undefined) throw new ErgoError('bad-request', 'There is nothing to merge.');
  for (const other of others) compare(first, other);
  checkComplete([first, ...others]);
  const reports = [first, ...others].map(({ report }) => report);
  const environments = reports.map(({ environment }) => environment);
  const items = unshard(reports.map((report) => byItem(report.items))).flat();
  const { environment } = first.report;
  const merged: Environment = {
    ...environment,
    date: environments.map(({ date }) => date).reduce((a, b) => (a > b ? a : b)),
    dataset: {
      ...environment.dataset,
      items: environments.reduce((sum, { dataset }) => sum + dataset.items, 0),
      shard: null,
    },
    timingsWarning: warningOf(environments),
  };
  return { ...benchReport(merged, items), environments };
}

function ordered(shards: readonly ShardReport[]): ShardReport[] {
  for (const { name, report } of shards) {
    if (report.environment.dataset.shard) continue;
    throw new ErgoError('bad-request', `${name} is not the report of a shard.`);
  }
  const indexOf = ({ report }: ShardReport): number => report.environment.dataset.shard?.index ?? 0;
  return shards.toSorted((a, b) => indexOf(a) - indexOf(b));
}

function compare(a: ShardReport, b: ShardReport): void {
  const schemas: [unknown, unknown] = [a.report.schema, b.report.schema];
  const fields = SAME.map(
    ([field, of]) => [field, of(a.report.environment), of(b.report.environment)] as const,
  );
  for (const [field, one, other] of [['schema', ...schemas] as const, ...fields]) {
    const [left, right] = [JSON.stringify(one), JSON.stringify(other)];
    if (left === right) continue;
    throw new ErgoError(
      'bad-request',
      `${a.name} and ${b.name} cannot be merged: ${field} is ${left} there and ${right} here.`,
    );
  }
}

function checkComplete(shards: readonly ShardReport[]): void {
  const count = shards[0]?.report.environment.dataset.shard?.count ?? 0;
  for (let index = 1; index <= count; index++) {
    const found = shards.filter((shard) => shard.report.environment.dataset.shard?.index === index);
    if (found.length === 1) continue;
    const names = found.map(({ name }) => name).join(' and ');
    const problem = found.length === 0 ? 'is missing' : `is there twice: ${names}`;
    throw new ErgoError('bad-request', `Shard ${index}/${count} ${problem}.`);
  }
}

/** The runs of each item together; a report lists them so. */
function byItem(runs: readonly BenchRun[]): BenchRun[][] {
  const items = new Map<string, BenchRun[]>();
  for (const run of runs) items.set(run.id, [...(items.get(run.id) ?? []), run]);
  return [...items.values()];
}

function warningOf(environments: readonly Environment[]): string | null {
  const unlike = MACHINE.filter(
    ([, of]) => new Set(environments.map((environment) => of(environment))).size > 1,
  ).map(([field]) => field);
  const mixed = `The shards ran on unlike machines (${unlike.join(', ')} differ): quantiles of times are a mixture. The ratios of pairs hold, since both runs of an item are of one machine.`;
  const warnings = [
    ...new Set(environments.flatMap(({ timingsWarning }) => timingsWarning ?? [])),
    ...(unlike.length > 0 ? [mixed] : []),
  ];
  return warnings.length === 0 ? null : warnings.join(' ');
}

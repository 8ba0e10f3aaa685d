/** report.md: the same numbers for people. */
import type { Pair } from './pairs.ts';
import type { BenchReport, Environment } from './report.ts';
import type { Accuracy } from './summary.ts';

/** @param chart path of the SVG, relative to report.md */
export function reportMarkdown(report: BenchReport, chart: string): string {
  const { environment, summary, pairs, pairs4000, items } = report;
  const mark = environment.timingsWarning === null ? '' : ' ⚠';
  const policies = Object.entries(summary).map(([name, policy]) => [
    name,
    policy.n,
    policy.failed,
    accuracy(policy),
    percent(policy.regionRecall),
    percent(policy.regionArea),
    number(policy.visionTokensMean, 0),
    percent(policy.rtr),
    `${number(policy.prefill.new, 0)} / ${number(policy.prefill.reused, 0)} / ${number(policy.prefill.recomputed, 0)}`,
    `${number(policy.ttftMs.p50, 0)} / ${number(policy.ttftMs.p90, 0)}${mark}`,
    `${number(policy.totalMs.p50, 0)} / ${number(policy.totalMs.p90, 0)}${mark}`,
    `${megabytes(policy.peakMemoryBytes.p50)} / ${megabytes(policy.peakMemoryBytes.p90)}`,
  ]);
  const phases = Object.entries(summary).map(([name, { phaseMs, decodeTokensPerSecond }]) => [
    name,
    ...[phaseMs.decodeImage, phaseMs.encode, phaseMs.prefill, phaseMs.decode].map(
      ({ p50 }) => `${number(p50, 0)}${mark}`,
    ),
    number(decodeTokensPerSecond, 1),
  ]);
  const categories = Object.entries(summary).flatMap(([name, { byCategory }]) =>
    Object.entries(byCategory).map(([category, share]) => [
      category,
      name,
      share.n,
      accuracy(share),
    ]),
  );
  const failures = items.flatMap(({ id, policy, error }) =>
    error === null ? [] : [[id, policy, error.code, error.message]],
  );
  const { name, items: count, of, shard, refused = [] } = environment.dataset;
  const part = shard === null ? '' : `, shard ${shard.index}/${shard.count}`;
  return [
    `# ${environment.model.id} on ${name}, ${count} of ${of} items${part}`,
    ...(environment.timingsWarning === null ? [] : [`⚠ ${environment.timingsWarning}`]),
    `![Accuracy over vision tokens](${chart})`,
    ...(report.bestCap === undefined ? [] : [bestOf(report.bestCap, summary)]),
    table(
      'policy|n|failed|accuracy (95 %)|region recall|region area|vision tokens|RTR|prefilled / reused / twice|TTFT ms p50 / p90|total ms p50 / p90|peak MB p50 / p90',
      policies,
    ),
    '## Where the time goes, median milliseconds',
    table('policy|picture to patches|vision encoder|prefill|decode|tokens/s', phases),
    '## Pairs on the same items',
    pairTable(pairs, mark),
    '## Pairs, items of at least 4000 native tokens',
    pairTable(pairs4000, mark),
    '## By category',
    table('category|policy|n|accuracy (95 %)', categories.sort(byFirst)),
    ...(failures.length === 0
      ? []
      : ['## Failed', table('item|policy|code|what happened', failures)]),
    ...(refused.length === 0 ? [] : ['## Not asked', refused.map((one) => `- ${one}`).join('\n')]),
    ...(report.environments ?? [environment]).flatMap((one) => [
      `## Environment${shardName(one)}`,
      environmentList(one),
    ]),
    '',
  ].join('\n\n');
}

function bestOf(name: string, summary: BenchReport['summary']): string {
  const best = summary[name];
  if (!best) return '';
  return `Best cap of one look: **${name}**, ${accuracy(best)} at ${number(best.visionTokensMean, 0)} vision tokens. Pairs compare with it and with the largest cap.`;
}

type Cell = string | number;

function table(head: string, rows: readonly (readonly Cell[])[]): string {
  const columns = head.split('|');
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll(/[|\n]/g, ' ')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

function pairTable(pairs: Readonly<Record<string, Pair>>, mark: string): string {
  return table(
    'A / B|n|A faster, median|of what FLOPs allow|tokens A / B|FLOPs A / B|accuracy A - B|same answers',
    Object.entries(pairs).map(([name, pair]) => [
      name,
      pair.n,
      pair.medianSpeedup === null ? '-' : `${pair.medianSpeedup.toFixed(2)} x${mark}`,
      percent(pair.timeShareOfFlops),
      percent(pair.tokenRatio),
      percent(pair.flopRatio),
      pair.accuracyDifference === null
        ? '-'
        : `${(100 * pair.accuracyDifference).toFixed(1)} points`,
      percent(pair.identicalAnswers),
    ]),
  );
}

function shardName({ dataset: { shard, items } }: Environment): string {
  return shard === null ? '' : ` of shard ${shard.index}/${shard.count}, ${items} items`;
}

function environmentList(environment: Environment): string {
  const { model, device, browser, versions, comparability: compared } = environment;
  const caps = Object.entries(compared.pixelCap).map(([view, pixels]) => `${view} ${pixels}`);
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${environment.date}, commit ${environment.commit ?? 'unknown'}; ${packages.join(', ')}`,
    `model ${model.id}, ${model.dtype}: ${Object.values(model.sessions).join(', ')}`,
    `${browser.name} ${browser.version}; ${device.used}${device.adapter === null ? '' : ` on ${device.adapter}`}, ${device.threads} threads`,
    `${environment.processor}, ${environment.cores} cores; ${environment.isolated ? '' : 'not '}cross-origin isolated; ${environment.warmUp}`,
    `peak memory: ${environment.memory ?? 'not measured'}`,
    `pixels per view at most: ${caps.join(', ')}`,
    `options shown in stage 1: ${compared.optionsShownInStage1 ? 'yes' : 'no'}`,
    `scoring: ${compared.scoring}`,
    `failed items ${compared.failedItems}`,
  ]
    .map((line) => `- ${line}`)
    .join('\n');
}

function accuracy({ accuracy, ci95 }: Accuracy): string {
  return ci95 === null
    ? '-'
    : `${percent(accuracy)} (${(100 * ci95[0]).toFixed(1)}-${(100 * ci95[1]).toFixed(1)})`;
}

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}

function number(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

function megabytes(bytes: number | null): string {
  return number(bytes === null ? null : bytes / 1e6, 0);
}

function byFirst(a: readonly Cell[], b: readonly Cell[]): number {
  return String(a[0]).localeCompare(String(b[0]));
}

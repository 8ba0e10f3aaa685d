import { contenderOf } from '../../core/bench/contender.ts';
import type { PolicySummary } from '../../core/bench/summary.ts';
import { POLICIES } from '../../core/policies/registry.ts';
import { count, duration } from '../../ui/format.ts';
import styles from './benchmark.module.css';
import { Scroll } from './scroll.tsx';

interface Props {
  readonly summary: Readonly<Record<string, PolicySummary>>;
}

/** A narrow column must not part a number from its unit. */
export const UNBROKEN = '\u00a0';

type Row = readonly [name: string, of: (summary: PolicySummary) => string];

const ROWS: readonly Row[] = [
  ['Questions', ({ n }) => count(n)],
  ['Right', ({ accuracy }) => percent(accuracy)],
  ['95 % interval', ({ ci95 }) => (ci95 ? ci95.map(percent).join(' to ') : '–')],
  ['Failed', ({ failed }) => count(failed)],
  ['Region recall', ({ regionRecall }) => percent(regionRecall)],
  ['Vision tokens', ({ visionTokensMean }) => known(visionTokensMean, count)],
  ['Share of full resolution', ({ rtr }) => percent(rtr)],
  ['First token', ({ ttftMs }) => known(ttftMs.p50, duration)],
  ['Total time', ({ totalMs }) => known(totalMs.p50, duration)],
];

/** One column per policy: they are few, and narrow screens are tall. */
export function SummaryTable({ summary }: Props) {
  const policies = Object.entries(summary);
  return (
    <Scroll label="Figures">
      <table className={styles.table}>
        <caption className={styles.soft}>Tokens are means, times are medians.</caption>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            {policies.map(([name]) => (
              <th key={name} scope="col">
                {labelOf(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ROWS.map(([name, of]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {policies.map(([policy, figures]) => (
                <td key={policy}>{figures.n === 0 ? '–' : of(figures)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** @param name in the report */
export function labelOf(name: string): string {
  const { policy, cap } = contenderOf(name);
  const { label } = POLICIES[policy];
  return cap === null ? label : `One look, ${count(cap)} tokens`;
}

/** @param share 0 to 1; null if it is not known */
export function percent(share: number | null): string {
  return known(share, (value) => `${(100 * value).toFixed(1)}${UNBROKEN}%`);
}

export function known(value: number | null, say: (value: number) => string): string {
  return value === null ? '–' : say(value);
}

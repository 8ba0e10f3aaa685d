import type { RunReport } from '../../core/run/report.ts';
import { count, said } from '../../ui/format.ts';
import { useAsk, type Earlier } from './ask-store.ts';
import styles from './ask.module.css';
import { stopTaking } from './intake/take.ts';

/** What was asked in this session; it ends with the tab. */
export function History() {
  const name = useAsk((state) => state.picture?.name);
  const { asked, shown } = useAsk((state) => state.asked);
  const earlier = useAsk((state) => state.earlier);
  const goBack = useAsk((state) => state.goBack);
  const show = useAsk((state) => state.show);
  const showAgain = ({ file, name, sample, question }: Earlier): void => {
    // What is still on its way would take its place.
    stopTaking();
    void show(file, name, { question, sample });
  };
  const answered = asked.filter(({ report }) => report !== null);
  if (answered.length + earlier.length === 0) return null;
  return (
    <section aria-labelledby="history" className={styles.history}>
      <h2 id="history">Asked before</h2>
      <ul className={styles.history}>
        {answered.map((entry) => (
          <li key={entry.id}>
            <button
              type="button"
              aria-current={Object.values(shown).includes(entry.id) ? true : undefined}
              onClick={() => goBack(entry)}
            >
              <Line question={entry.text} name={name ?? ''} report={entry.report} />
            </button>
          </li>
        ))}
        {earlier.map((entry, index) => (
          <li key={`earlier ${earlier.length - index}`}>
            <button type="button" onClick={() => showAgain(entry)}>
              <Line question={entry.question} name={entry.name} report={entry.report} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface LineProps {
  readonly question: string;
  readonly name: string;
  readonly report: RunReport | null;
}

function Line({ question, name, report }: LineProps) {
  if (!report) return null;
  const sure = report.details.confidence;
  return (
    <>
      <span>{question.split('\n')[0]}</span>
      <span className={styles.soft}>
        {name}, {report.policy.replaceAll('-', ' ')}, {count(report.visionTokens.total)} tokens
        {sure && `, sure to ${Math.round(100 * sure.value)} %`}
      </span>
      <b>{said(report.answer)}</b>
    </>
  );
}

import { count, said } from '../../ui/format.ts';
import { useAsk } from './ask-store.ts';
import styles from './ask.module.css';

/** What was asked in this session; it ends with the tab. */
export function History() {
  const entries = useAsk((state) => state.history);
  const show = useAsk((state) => state.show);
  if (entries.length === 0) return null;
  return (
    <section aria-labelledby="history" className={styles.history}>
      <h2 id="history">Asked before</h2>
      <ul className={styles.history}>
        {entries.map(({ id, file, name, question, report }) => (
          <li key={id}>
            <button type="button" onClick={() => void show(file, name, { question })}>
              <span>{question.split('\n')[0]}</span>
              <span className={styles.soft}>
                {name}, {report.policy.replaceAll('-', ' ')}, {count(report.visionTokens.total)}{' '}
                tokens
              </span>
              <b>{said(report.answer)}</b>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

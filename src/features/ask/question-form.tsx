import { useId, type FormEvent } from 'react';
import type { Budgets } from '../../core/contracts/profile.ts';
import { isTaught } from '../../core/policies/taught.ts';
import { Button } from '../../ui/button.tsx';
import type { PolicyName } from '../../core/run/events.ts';
import { useAsk } from './ask-store.ts';
import { useModel } from '../models/model-store.ts';
import { LOOKS } from './looks.ts';
import { QuestionLength } from './question-length.tsx';
import styles from './ask.module.css';

interface Props {
  /** Ready questions of a sample. */
  readonly suggestions: readonly string[];
}

export function QuestionForm({ suggestions }: Props) {
  // Not the whole store: it changes with every token.
  const question = useAsk((state) => state.question);
  const isRunning = useAsk((state) => state.asked.running !== null);
  const policy = useAsk((state) => state.policy);
  const setQuestion = useAsk((state) => state.setQuestion);
  const ask = useAsk((state) => state.ask);
  const stop = useAsk((state) => state.stop);
  const id = useId();
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    // Enter comes here too, past the disabled button.
    if (question.trim() !== '' && !isRunning) void ask(policy);
  };
  return (
    <form className={styles.form} onSubmit={onSubmit}>
      <label htmlFor={id} className={styles.label}>
        Your question
      </label>
      <textarea
        id={id}
        rows={2}
        value={question}
        placeholder="What does the tag of the dog say?"
        onChange={({ target }) => setQuestion(target.value)}
        onKeyDown={(event) => {
          // Enter may also choose a word in an input method.
          if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }
        }}
      />
      <div role="status">
        <QuestionLength />
      </div>
      {suggestions.length > 0 && (
        <ul className={styles.suggestions} aria-label="Ready questions">
          {suggestions.map((text) => (
            <li key={text}>
              <Button
                look="small"
                aria-pressed={text === question}
                onClick={() => setQuestion(text)}
              >
                {text.split('\n')[0]}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div className={styles.row}>
        {isRunning ? (
          <Button look="main" onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button look="main" type="submit" disabled={question.trim() === ''}>
            Ask
          </Button>
        )}
        <LooksChoice />
        <BudgetFields />
      </div>
    </form>
  );
}

function LooksChoice() {
  const policy = useAsk((state) => state.policy);
  const setPolicy = useAsk((state) => state.setPolicy);
  const profile = useModel((state) => state.offer?.profile);
  if (!profile) return null;
  const isUntaught = !isTaught(policy, profile.prompts);
  return (
    <label className={styles.looks}>
      <span>Look</span>
      <select
        value={policy}
        onChange={({ target }) => setPolicy(target.value as PolicyName)}
        aria-describedby={isUntaught ? 'untaught' : undefined}
      >
        {LOOKS.map(({ policy, label }) => (
          <option key={policy} value={policy} disabled={!isTaught(policy, profile.prompts)}>
            {label}
          </option>
        ))}
      </select>
      {isUntaught && (
        <span id="untaught">{profile.name} was not taught this; choose another way.</span>
      )}
    </label>
  );
}

/** Vision tokens that each look may cost. */
function BudgetFields() {
  const budgets = useAsk((state) => state.budgets);
  const setBudgets = useAsk((state) => state.setBudgets);
  const offered = useModel((state) => state.offer?.profile.budgets);
  if (!offered) return null;
  const field = (key: keyof Budgets, label: string, max = 1280) => (
    <label>
      {label}: {budgets[key] ?? offered[key]} tokens
      <input
        type="range"
        min={64}
        max={max}
        step={4}
        value={budgets[key] ?? offered[key]}
        onChange={({ target }) => setBudgets({ [key]: target.valueAsNumber })}
      />
    </label>
  );
  return (
    <details className={styles.budgets}>
      <summary>Budgets</summary>
      {field('coarse', 'First look')}
      {field('crop', 'Second look')}
      {/* Not every device holds as many as the baseline may take. */}
      {field('fullResolution', 'Full resolution', offered.fullResolution)}
    </details>
  );
}

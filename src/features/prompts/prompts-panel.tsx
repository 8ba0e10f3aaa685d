import { useId, useState, type FormEvent } from 'react';
import type { ModelProfile } from '../../core/contracts/profile.ts';
import { Button } from '../../ui/button.tsx';
import { changesOf, fieldsOf, flat, problemIn, type PromptField } from './fields.ts';
import styles from './prompts.module.css';
import { parsePrompts, withPrompts, type PromptChanges } from '../../core/protocol/prompts.ts';
import { keptPrompts } from './kept-prompts.ts';

interface Props {
  /** With the prompts of the model itself. */
  readonly profile: ModelProfile;
  readonly onUse: (changes: PromptChanges | null) => void;
}

/** The words that the model is asked with; whoever has the weights can tune them. */
export function PromptsPanel({ profile, onUse }: Props) {
  const [used, setUsed] = useState(() => usedTexts(profile));
  const [texts, setTexts] = useState(used);
  const fields = fieldsOf(profile.prompts);
  const own = flat(profile.prompts);
  const isValid = fields.every((field) => problemIn(field, texts[field.key] ?? '') === null);
  const isOwn = changesOf(texts, own) === null;
  const isUsed = changesOf(texts, used) === null;
  const take = (taken: Record<string, string>): void => {
    setTexts(taken);
    setUsed(taken);
    onUse(changesOf(taken, own));
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (isValid) take(texts);
  };
  return (
    <form className={styles.panel} onSubmit={onSubmit}>
      <p>
        {'{question}'} stands for the question. An empty system prompt leaves that turn to the
        model’s own default.
      </p>
      {fields.map((field) => (
        <Field
          key={field.key}
          field={field}
          text={texts[field.key] ?? ''}
          onText={(text) => setTexts({ ...texts, [field.key]: text })}
        />
      ))}
      <div className={styles.row}>
        <Button look="small" type="submit" disabled={!isValid || isUsed}>
          Use these prompts
        </Button>
        <Button look="small" disabled={isOwn && isUsed} onClick={() => take(own)}>
          Reset to default
        </Button>
        <span role="status">
          {isUsed
            ? isOwn
              ? 'The model’s own are in use.'
              : 'Yours are in use.'
            : 'Not yet in use.'}
        </span>
      </div>
    </form>
  );
}

interface FieldProps {
  readonly field: PromptField;
  readonly text: string;
  readonly onText: (text: string) => void;
}

function Field({ field, text, onText }: FieldProps) {
  const id = useId();
  const problem = problemIn(field, text);
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{field.label}</label>
      <textarea
        id={id}
        rows={field.asks ? 4 : 2}
        value={text}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        onChange={({ target }) => onText(target.value)}
      />
      {problem !== null && (
        <span id={`${id}-problem`} className={styles.problem}>
          This prompt {problem}.
        </span>
      )}
    </div>
  );
}

/** The model's own where nothing is kept, or nothing that can be used any more. */
function usedTexts(profile: ModelProfile): Record<string, string> {
  try {
    const kept = keptPrompts(profile.id);
    return flat(kept === null ? profile.prompts : withPrompts(profile, parsePrompts(kept)).prompts);
  } catch {
    return flat(profile.prompts);
  }
}

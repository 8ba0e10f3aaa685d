import { useState } from 'react';
import { POLICIES } from '../../core/policies/registry.ts';
import { isTaught } from '../../core/policies/taught.ts';
import type { PolicyName } from '../../core/run/events.ts';
import { useModel } from '../models/model-store.ts';
import { useBench } from './bench-store.ts';
import { withOwnPrompts } from './own-prompts.ts';
import { readCaps, taughtOf } from './settings.ts';
import styles from './benchmark.module.css';

interface Props {
  /** Of the dataset. */
  readonly items: number;
}

/** The seed of every sample, so that it is the same one next time. */
const SEED = 1;

/** Which policies, and on how many of the questions. */
export function SettingsForm({ items }: Props) {
  const { settings, status, choose } = useBench();
  const { limit, seed } = settings;
  const plain = useModel((state) => state.offer?.profile);
  const profile = plain && withOwnPrompts(plain).profile;
  const isKnown = (policy: PolicyName): boolean => !profile || isTaught(policy, profile.prompts);
  const policies = profile ? taughtOf(settings.policies, profile.prompts) : settings.policies;
  const isBusy = status === 'running';
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <section aria-labelledby="settings" className={styles.card}>
      <h3 id="settings">What to measure</h3>
      <fieldset className={styles.policies} disabled={isBusy}>
        <legend className={styles.soft}>Ways of looking</legend>
        {Object.values(POLICIES).map(({ name, label, description }) => (
          <label key={name} className={styles.policy}>
            <input
              type="checkbox"
              checked={policies.includes(name)}
              // None would be nothing to measure.
              disabled={!isKnown(name) || (policies.length === 1 && policies[0] === name)}
              onChange={({ target }) =>
                choose({
                  policies: Object.values(POLICIES)
                    .map((policy) => policy.name)
                    .filter((other) =>
                      other === name ? target.checked : policies.includes(other),
                    ),
                })
              }
            />
            <span>
              {label}{' '}
              <span className={styles.soft}>
                {isKnown(name) ? description : `${profile?.name} was not taught this.`}
              </span>
            </span>
          </label>
        ))}
      </fieldset>
      {policies.includes('full-resolution') && <CapsField isBusy={isBusy} />}
      <div className={styles.row}>
        <label className={styles.number}>
          <span>Questions, of {items}</span>
          <input
            type="number"
            min={1}
            max={items}
            // What is being typed may be empty for a moment.
            value={draft ?? Math.min(limit, items)}
            disabled={isBusy}
            onBlur={() => setDraft(null)}
            onChange={({ target }) => {
              setDraft(target.value);
              const wanted = target.valueAsNumber;
              if (wanted >= 1) choose({ limit: Math.min(Math.floor(wanted), items) });
            }}
          />
        </label>
        <label className={styles.policy}>
          <input
            type="checkbox"
            checked={seed !== null}
            disabled={isBusy}
            onChange={({ target }) => choose({ seed: target.checked ? SEED : null })}
          />
          <span>
            from all over the dataset <span className={styles.soft}>not the first ones</span>
          </span>
        </label>
      </div>
      <p className={styles.soft}>Measured on the device that is chosen above.</p>
    </section>
  );
}

/** One look at several sizes: which of them is the fair baseline is not known before. */
function CapsField({ isBusy }: { isBusy: boolean }) {
  const { settings, choose } = useBench();
  const [draft, setDraft] = useState<string | null>(null);
  const isWrong = draft !== null && readCaps(draft) === null;
  return (
    <label className={styles.number}>
      <span>One look at most at, vision tokens</span>
      <input
        type="text"
        inputMode="numeric"
        placeholder="the model’s own cap; or 100, 256, 640, 1280"
        value={draft ?? (settings.caps ?? []).join(', ')}
        disabled={isBusy}
        aria-invalid={isWrong}
        aria-describedby="caps-help"
        onBlur={() => setDraft(null)}
        onChange={({ target }) => {
          setDraft(target.value);
          const caps = readCaps(target.value);
          if (caps) choose({ caps });
        }}
      />
      <span id="caps-help" className={styles.soft}>
        {isWrong ? 'Whole numbers from 4, with commas.' : 'Each is a run for every question.'}
      </span>
    </label>
  );
}

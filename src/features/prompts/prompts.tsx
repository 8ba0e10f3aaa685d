import { lazy, Suspense, useState } from 'react';
import { useModel } from '../models/model-store.ts';
import styles from './prompts.module.css';

// Few people open it: its script comes when they do.
const PromptsPanel = lazy(async () => ({
  default: (await import('./prompts-panel.tsx')).PromptsPanel,
}));

/** Below the question, closed until somebody wants it. */
export function PromptsSection() {
  const profile = useModel((state) => state.offer?.profile);
  const setPrompts = useModel((state) => state.setPrompts);
  const [isOpen, setIsOpen] = useState(false);
  if (!profile) return null;
  return (
    <details
      className={styles.prompts}
      onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}
    >
      <summary>Prompts</summary>
      {isOpen && (
        <Suspense fallback={<p>Loading…</p>}>
          <PromptsPanel
            key={profile.id}
            profile={profile}
            onUse={(changes) => void setPrompts(changes)}
          />
        </Suspense>
      )}
    </details>
  );
}

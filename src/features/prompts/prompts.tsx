import { useState } from 'react';
import { importAgain } from '../../core/again.ts';
import { later } from '../../ui/later.tsx';
import { useModel } from '../models/model-store.ts';
import styles from './prompts.module.css';

// Few people open it: its script comes when they do.
const PromptsPanel = later(() =>
  importAgain(() => import('./prompts-panel.tsx')).then(({ PromptsPanel }) => PromptsPanel),
);

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
        <PromptsPanel
          key={profile.id}
          profile={profile}
          onUse={(changes) => void setPrompts(changes)}
        />
      )}
    </details>
  );
}

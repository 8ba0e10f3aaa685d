/** How many runs use the model just now; work that can wait does. */
import { create } from 'zustand';

export const useBusy = create<{ readonly runs: number }>()(() => ({ runs: 0 }));

/** @returns ends it; safe to call twice */
export function beginRun(): () => void {
  let isOver = false;
  useBusy.setState(({ runs }) => ({ runs: runs + 1 }));
  return () => {
    if (isOver) return;
    isOver = true;
    useBusy.setState(({ runs }) => ({ runs: runs - 1 }));
  };
}

/** Is the model panel open? Small, because the panel itself is loaded when it is opened first. */
import { create } from 'zustand';

export interface PanelStore {
  readonly isOpen: boolean;
  readonly open: () => void;
  readonly close: () => void;
}

export const usePanel = create<PanelStore>()((set) => ({
  isOpen: false,
  open: () => set({ isOpen: true }),
  close: () => set({ isOpen: false }),
}));

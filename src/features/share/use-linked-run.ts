/** The address and what it holds, in step. */
import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { encodedIn } from './replay-address.ts';
import { useReplay } from './replay-store.ts';

/** @returns whether a run is replayed, from a link or from a file */
export function useLinkedRun(): boolean {
  const [path] = useLocation();
  const isReplayed = useReplay((state) => state.status !== 'none');
  useEffect(() => {
    const { openLink, close, from } = useReplay.getState();
    const encoded = encodedIn(path);
    if (encoded !== null) void openLink(encoded);
    else if (from === 'link') close();
  }, [path]);
  return isReplayed;
}

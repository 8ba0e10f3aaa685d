/** The picture and question of the address that the page was opened with. */
import { useEffect } from 'react';
import { navigate } from 'wouter/use-hash-location';
import { toErgoError } from '../../../core/errors.ts';
import { useAsk } from '../ask-store.ts';
import { readLink } from './link.ts';
import { takeAddress } from './take.ts';

let isFollowed = false;

/** Once per visit: who comes back from another page of the app has gone on since. */
export function useLink(): void {
  useEffect(() => {
    if (isFollowed) return;
    isFollowed = true;
    void follow();
  }, []);
}

async function follow(): Promise<void> {
  const { search, hash } = location;
  try {
    const link = readLink(search, hash);
    if (!link) return;
    const { picture, question, run } = link;
    const isShown = await takeAddress(picture, { question });
    // Not before: the page may have been loaded anew on the way, to be isolated.
    if (location.hash === hash && hash.includes('?')) navigate('/', { replace: true });
    const { ask, policy } = useAsk.getState();
    if (isShown && run) await ask(policy);
  } catch (thrown) {
    useAsk.setState({ pictureError: toErgoError(thrown) });
  }
}

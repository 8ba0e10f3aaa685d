/** The picture and question of the address that the page was opened with. */
import { useEffect } from 'react';
import { navigate } from 'wouter/use-hash-location';
import { toErgoError } from '../../../core/errors.ts';
import { useAsk } from '../ask-store.ts';
import { readLink } from './link.ts';
import { takeAddress } from './take.ts';

let isOpened = false;
let followed = '';

/** What stands in the query is followed once per visit, what stands behind the # whenever it comes. */
export function useLink(): void {
  useEffect(() => {
    void follow(isOpened ? '' : location.search, location.hash);
    isOpened = true;
    const onHash = (): void => void follow('', location.hash);
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);
}

async function follow(search: string, hash: string): Promise<void> {
  // React may mount twice before the hash is taken away.
  if (search === '' && hash === followed) return;
  followed = hash;
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

import { useEffect } from 'react';
import { toErgoError } from '../../../core/errors.ts';
import { useAsk } from '../ask-store.ts';
import { onOpenedWith, sharedFiles, withoutShared } from './handed-over.ts';
import { takeFiles } from './take.ts';

let isListening = false;

/** Once per visit: what the system hands over is shown like any other file. */
export function useHandedOver(): void {
  useEffect(() => {
    if (isListening) return;
    isListening = true;
    onOpenedWith((files) => void takeFiles(files), refuse);
    takeShared().catch(refuse);
  }, []);
}

async function takeShared(): Promise<void> {
  // Plain http has no Cache Storage, and no service worker that could be shared to.
  if (!('caches' in globalThis)) return;
  const files = await sharedFiles(location.search, caches);
  if (files === null) return;
  history.replaceState(history.state, '', withoutShared(new URL(location.href)));
  await takeFiles(files);
}

function refuse(thrown: unknown): void {
  useAsk.setState({ pictureError: toErgoError(thrown, 'file-unreadable') });
}

/** Patches that came from the imaging worker and wait to be encoded. */
import type { PatchesId, PatchMessage } from '../core/contracts/pictures.ts';
import { ErgoError, throwIfCancelled } from '../core/errors.ts';

export type Patches = Extract<PatchMessage, { kind: 'patches' }>;

export interface PatchInbox {
  receive(message: PatchMessage): void;
  /**
   * Hands patches over, once; waits for them if they are still on their way.
   * @throws ErgoError `cancelled`, `internal` if they do not come
   */
  take(id: PatchesId, signal?: AbortSignal): Promise<Patches>;
}

/** Patches are sent before their reference is handed out: longer waits mean that they are lost. */
const PATIENCE = 30_000;

export function createPatchInbox(patience = PATIENCE): PatchInbox {
  const here = new Map<PatchesId, Patches>();
  const waiting = new Map<PatchesId, (patches: Patches) => void>();
  /** Given up before they came. */
  const unwanted = new Set<PatchesId>();

  return {
    receive(message) {
      if (message.kind === 'discard') {
        here.delete(message.id);
        unwanted.delete(message.id);
        return;
      }
      const taker = waiting.get(message.id);
      if (taker) taker(message);
      else if (!unwanted.delete(message.id)) here.set(message.id, message);
    },
    async take(id, signal) {
      const patches = here.get(id);
      here.delete(id);
      throwIfCancelled(signal);
      if (patches) return patches;
      return await new Promise<Patches>((resolve, reject) => {
        const giveUp = (error: ErgoError): void => {
          end();
          unwanted.add(id);
          reject(error);
        };
        const onAbort = (): void => giveUp(new ErgoError('cancelled', 'encode was cancelled.'));
        const timer = setTimeout(
          () => giveUp(new ErgoError('internal', 'The patches of a picture did not arrive.')),
          patience,
        );
        const end = (): void => {
          waiting.delete(id);
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
        };
        signal?.addEventListener('abort', onAbort);
        waiting.set(id, (arrived) => {
          end();
          resolve(arrived);
        });
      });
    },
  };
}

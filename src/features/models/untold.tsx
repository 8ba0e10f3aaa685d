import type { ErgoError } from '../../core/errors.ts';
import { FailureMessage } from '../../ui/message.tsx';
import { isTold, useModel } from './model-store.ts';

/** A failure that has to do with the model, unless the model's own line tells it already. */
export function Untold({ error }: { readonly error: ErgoError | null }) {
  const isThere = useModel((state) => isTold(state, error));
  return error && !isThere && <FailureMessage error={error} />;
}

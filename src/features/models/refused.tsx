import { FailureMessage } from '../../ui/message.tsx';
import { useModel, type Refusal } from './model-store.ts';

/** A choice that came to nothing, and what is in use instead. */
export function Refused({ refused: { name, error } }: { readonly refused: Refusal }) {
  const instead = useModel((state) => state.offer?.profile.name);
  return (
    <FailureMessage error={error}>
      <p>
        {name} is not in use
        {instead === undefined ? '.' : `; ${instead} is.`}
      </p>
    </FailureMessage>
  );
}

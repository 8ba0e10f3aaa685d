/** Parts of the page whose script comes when they are wanted, and may be lost on its way. */
import { useEffect, useState, type ComponentType } from 'react';
import { toErgoError, type ErgoError } from '../core/errors.ts';
import { Button } from './button.tsx';
import { FailureMessage } from './message.tsx';

/**
 * A component that is fetched when it is first drawn. Unlike React's `lazy`, which remembers a
 * failure for as long as the page lives, it can be asked for again.
 * @param load the component; its failure is shown with what to do next
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let Loaded: ComponentType<Props> | undefined;
  return function Later(props: Props) {
    const [, setIsLoaded] = useState(Loaded !== undefined);
    const [error, setError] = useState<ErgoError | null>(null);
    useEffect(() => {
      if (Loaded !== undefined || error !== null) return;
      let isWanted = true;
      const open = async (): Promise<void> => {
        try {
          Loaded = await load();
          if (isWanted) setIsLoaded(true);
        } catch (thrown) {
          if (isWanted) setError(toErgoError(thrown));
        }
      };
      void open();
      return () => {
        isWanted = false;
      };
    }, [error]);
    if (Loaded !== undefined) return <Loaded {...props} />;
    if (error === null) return <p role="status">Opening…</p>;
    return (
      <FailureMessage error={error}>
        <Button look="small" onClick={() => setError(null)}>
          Try again
        </Button>
      </FailureMessage>
    );
  };
}

import { useEffect, useState } from 'react';
import { toErgoError, type ErgoError } from '../../core/errors.ts';

export type Made<T> =
  | { readonly status: 'making' }
  | { readonly status: 'made'; readonly value: T }
  | { readonly status: 'failed'; readonly error: ErgoError };

/** Something that is made when a part of the page opens. @param make must be stable */
export function useMade<T>(make: () => Promise<T>): Made<T> {
  const [made, setMade] = useState<Made<T>>({ status: 'making' });
  useEffect(() => {
    let isLeft = false;
    const tell = (next: Made<T>): void => {
      if (!isLeft) setMade(next);
    };
    make().then(
      (value) => tell({ status: 'made', value }),
      (thrown: unknown) => tell({ status: 'failed', error: toErgoError(thrown) }),
    );
    return () => {
      isLeft = true;
    };
  }, [make]);
  return made;
}

import { useQueries, useQuery } from '@tanstack/react-query';
import { Button } from '../../ui/button.tsx';
import { FailureMessage } from '../../ui/message.tsx';
import { toErgoError } from '../../core/errors.ts';
import { ModelCard } from './model-card.tsx';
import { FolderCard } from './folder-card.tsx';
import { useModel } from './model-store.ts';
import styles from './panel.module.css';
import { Refused } from './refused.tsx';
import { gpuAdapter, namedModel, storageRoom, storedModels } from './queries.ts';
import { roomOf } from './room.ts';
import { referenceOfRow, rowsOf } from './rows.ts';

interface Props {
  /** What a person named in this visit of the panel, the latest first. */
  readonly named: readonly string[];
}

/** Every model that can be had by name, the ones that are not of the catalogue first. */
export function ModelList({ named }: Props) {
  const device = useModel((state) => state.device);
  const offer = useModel((state) => state.offer);
  const refused = useModel((state) => state.refused);
  const stored = useQuery(storedModels);
  const { data: adapter } = useQuery(gpuAdapter);
  const { data: storage } = useQuery(storageRoom);
  const found = useQueries({
    queries: named.map((reference) => namedModel(reference, device)),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });
  const known = offer && !offer.source.local ? [...found, offer] : found;
  const rows = rowsOf(stored.data ?? [], known, document.baseURI);
  const used = offer?.source.reference;
  const inUse = used === undefined ? null : referenceOfRow(used, document.baseURI);
  const room = adapter === undefined ? null : roomOf(adapter, device, storage?.freeBytes ?? null);
  return (
    <section aria-labelledby="models-list" aria-busy={stored.isPending} className={styles.list}>
      <h3 id="models-list">Choose a model</h3>
      {stored.isPending && <p role="status">Looking at what is stored…</p>}
      {stored.error && (
        <FailureMessage error={toErgoError(stored.error)}>
          <Button look="small" onClick={() => void stored.refetch()}>
            Try again
          </Button>
        </FailureMessage>
      )}
      {refused && <Refused refused={refused} />}
      <ul className={styles.list}>
        {offer?.source.local && <FolderCard offer={offer} />}
        {rows.map((row) => (
          <ModelCard key={row.reference} row={row} room={room} isInUse={row.reference === inUse} />
        ))}
      </ul>
    </section>
  );
}

import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { toErgoError, type ErgoError } from '../../core/errors.ts';
import { Button } from '../../ui/button.tsx';
import { FailureMessage } from '../../ui/message.tsx';
import { CheckPart } from './check-part.tsx';
import { DeleteButton } from './delete-button.tsx';
import { LoadingPart } from './loading-part.tsx';
import { ModelFacts } from './model-facts.tsx';
import { useModel } from './model-store.ts';
import { needOf } from './need.ts';
import styles from './panel.module.css';
import { KEPT, openStore } from './queries.ts';
import type { Row } from './rows.ts';
import { TransferPart } from './transfer-part.tsx';
import { useTransfers } from './transfers.ts';
import { judge, lackingBytes, type Room, type Verdict } from './verdict.ts';

interface Props {
  readonly row: Row;
  /** Null while it is not known. */
  readonly room: Room | null;
  readonly isInUse: boolean;
}

/** One model: what it is good for, what it needs, and what can be done with it. */
export function ModelCard({ row, room, isInUse }: Props) {
  const id = useId();
  const { reference, name, entry, stored } = row;
  const transfer = useTransfers((state) => state.transfers[reference]);
  const isReady = useModel((state) => state.status === 'ready');
  const need = needOf(row);
  const verdict = need && room && judge(need, room);
  const lacks = need && room ? lackingBytes(need, room) > 0 : false;
  const isWhole = stored !== null && stored.storedBytes >= stored.totalBytes;
  return (
    <li className={styles.card} aria-labelledby={id} data-used={isInUse}>
      <div className={styles.title}>
        <h4 id={id}>{name}</h4>
        {isInUse && <span className={styles.badge}>{isReady ? 'In use' : 'Chosen'}</span>}
        {!isInUse && isWhole && <span className={styles.badge}>Stored</span>}
      </div>
      {entry && <p>{entry.goodFor}</p>}
      {entry?.caution && <p className={styles.soft}>{entry.caution}</p>}
      <ModelFacts row={row} />
      {verdict && !isWhole && !isInUse && <Fit verdict={verdict} />}
      {transfer && <TransferPart transfer={transfer} />}
      {isInUse && <LoadingPart />}
      <Actions row={row} isInUse={isInUse} isWhole={isWhole} lacks={lacks} verdict={verdict} />
      {lacks && !isWhole && entry?.origin.kind !== 'convert' && (
        <p className={styles.soft}>
          It can be used for this visit without being stored, if it fits the memory.
        </p>
      )}
      <CheckPart stored={stored} isInUse={isInUse} />
    </li>
  );
}

const WORDS = { fits: 'Fits this device.', tight: 'Tight: ', no: 'Will not fit: ' } as const;

function Fit({ verdict: { level, reason } }: { readonly verdict: Verdict }) {
  return (
    <p className={styles.fit} data-level={level}>
      {WORDS[level]}
      {reason}
    </p>
  );
}

interface ActionsProps {
  readonly row: Row;
  readonly isInUse: boolean;
  readonly isWhole: boolean;
  /** There is too little storage for it. */
  readonly lacks: boolean;
  readonly verdict: Verdict | null;
}

function Actions({ row, isInUse, isWhole, lacks, verdict }: ActionsProps) {
  const { reference, name, entry, stored } = row;
  const choose = useModel((state) => state.choose);
  const { start, pause, forget } = useTransfers();
  const transfer = useTransfers((state) => state.transfers[reference]);
  const client = useQueryClient();
  const [error, setError] = useState<ErgoError | null>(null);
  const kind = entry?.origin.kind;
  const isComing = transfer?.status === 'opening' || transfer?.status === 'running';
  const isPart = !isWhole && (stored !== null || transfer !== undefined);

  const remove = async (): Promise<void> => {
    setError(null);
    forget(reference);
    try {
      if (stored) await (await openStore()).remove(stored.reference);
    } catch (thrown) {
      setError(toErgoError(thrown));
    }
    await client.invalidateQueries({ queryKey: KEPT });
  };
  if (kind === 'convert') return null;
  const canUse = !isInUse && (isWhole || kind === 'embedded' || lacks);
  return (
    <>
      <div className={styles.actions}>
        {canUse && (
          <Button look="small" onClick={() => void choose(reference)}>
            {isWhole || kind === 'embedded' ? 'Use' : 'Use without storing'}
            <span className={styles.unseen}> {name}</span>
          </Button>
        )}
        {isComing && (
          <Button look="small" onClick={() => pause(reference)}>
            Pause<span className={styles.unseen}> {name}</span>
          </Button>
        )}
        {!isWhole && !isComing && kind !== 'embedded' && (
          <Button look="small" onClick={() => void start(reference, name)}>
            {isPart ? 'Resume' : verdict?.level === 'no' ? 'Download anyway' : 'Download'}
            <span className={styles.unseen}> {name}</span>
          </Button>
        )}
        {stored && kind !== 'embedded' && (
          <DeleteButton name={name} bytes={stored.freedBytes} isInUse={isInUse} onDelete={remove} />
        )}
      </div>
      {error && <FailureMessage error={error} />}
    </>
  );
}

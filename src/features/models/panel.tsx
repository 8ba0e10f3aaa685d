import { QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Sheet } from '../../ui/sheet.tsx';
import { queryClient } from '../query/query-client.ts';
import { DeviceLine } from './device-line.tsx';
import { HubAddress } from './hub-address.tsx';
import { ModelList } from './model-list.tsx';
import { OtherModel } from './other-model.tsx';
import { KEPT } from './queries.ts';
import { useModel } from './model-store.ts';
import { useTransfers, type TransferStore } from './transfers.ts';

interface Props {
  readonly onClose: () => void;
}

/** Which models there are, what each needs, and which one is in use. */
export function Panel({ onClose }: Props) {
  return (
    <QueryClientProvider client={queryClient}>
      <Sheet title="Models" onClose={onClose}>
        <Inside />
      </Sheet>
    </QueryClientProvider>
  );
}

function Inside() {
  const [named, setNamed] = useState<readonly string[]>([]);
  const onName = (reference: string): void =>
    setNamed((before) => [reference, ...before.filter((other) => other !== reference)]);
  useFreshness();
  return (
    <>
      <DeviceLine />
      <ModelList named={named} />
      <OtherModel onName={onName} />
      <HubAddress />
    </>
  );
}

/** What is stored changes when a download begins, stops or ends, and when a model is loaded. */
function useFreshness(): void {
  const client = useQueryClient();
  useEffect(() => {
    const refresh = (): void => void client.invalidateQueries({ queryKey: KEPT });
    const unsubscribers = [
      useTransfers.subscribe((now, before) => {
        if (statesOf(now) !== statesOf(before)) refresh();
      }),
      useModel.subscribe((now, before) => {
        if (now.status !== before.status) refresh();
      }),
    ];
    return () => unsubscribers.forEach((unsubscribe) => unsubscribe());
  }, [client]);
}

function statesOf({ transfers }: TransferStore): string {
  const states = Object.entries(transfers).map(([reference, { status }]) => [reference, status]);
  return JSON.stringify(states);
}

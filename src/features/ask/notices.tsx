import type { Notice } from '../../core/run/events.ts';
import { entryOf } from '../../models/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { bytes } from '../../ui/format.ts';
import { Message } from '../../ui/message.tsx';
import { usePanel } from '../models/panel-store.ts';

/** The smallest model of the catalogue that knows the world. */
const FOR_PHOTOGRAPHS = entryOf('qwen3.5-0.8b');

/** What a person should know about a run; where the model's world ends, a way to another one. */
export function Notices({ notices }: { readonly notices: readonly Notice[] }) {
  // Both stages can stumble over the same thing; once is enough to know.
  const told = [...new Map(notices.map((notice) => [notice.code, notice])).values()];
  return told.map(({ code, message }) => (
    <Message key={code} kind="notice" title={message}>
      {code === 'outside-world' && <Offer />}
    </Message>
  ));
}

function Offer() {
  const open = usePanel((state) => state.open);
  const [download] = FOR_PHOTOGRAPHS?.dtypes ?? [];
  return (
    <Button look="small" aria-haspopup="dialog" onClick={open}>
      {FOR_PHOTOGRAPHS && download
        ? `For photographs: ${FOR_PHOTOGRAPHS.name}, ${bytes(download.bytes)}, once`
        : 'Other models'}
    </Button>
  );
}

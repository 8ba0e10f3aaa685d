import { useRef, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { FileInput } from '../../ui/file-input.tsx';
import { useAsk } from '../ask/ask-store.ts';
import { openSample } from '../ask/open-sample.ts';
import { loadSamples } from '../ask/samples.ts';
import { questionOf, type Exhibit } from './exhibit.ts';

/** The same question to the model of this page, about the picture itself. */
export function AskAnew({ exhibit }: { readonly exhibit: Exhibit }) {
  const file = useRef<HTMLInputElement>(null);
  const [isGone, setGone] = useState(false);
  const question = questionOf(exhibit.main);
  const { sample: id } = exhibit.picture;

  const askSample = async (): Promise<void> => {
    const samples = await loadSamples().catch(() => []);
    const sample = samples.find((one) => one.id === id);
    if (!sample) return setGone(true);
    const isShown = await openSample(sample, question);
    const { ask, policy } = useAsk.getState();
    if (isShown) await ask(policy);
  };
  if (id !== null && !isGone) {
    return (
      <Button look="main" onClick={() => void askSample()}>
        Ask it anew here
      </Button>
    );
  }
  return (
    <>
      <Button look="main" onClick={() => file.current?.click()}>
        Choose the picture, to ask it anew
      </Button>
      <FileInput
        ref={file}
        aria-label="Picture to ask about"
        onPick={([picked]) => {
          if (picked) void useAsk.getState().show(picked, picked.name, { question });
        }}
      />
    </>
  );
}

import { useCallback, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { FailureMessage } from '../../ui/message.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { drawCard } from './card/draw.ts';
import { factsOf } from './card/facts.ts';
import { startedOf, type Exhibit } from './exhibit.ts';
import { nameOf } from './file-name.ts';
import { canCopyPictures, canShare, copyPicture, share } from './hand-over.ts';
import styles from './replay.module.css';
import { useBlobUrl } from './use-blob-url.ts';
import { useMade } from './use-made.ts';

/** A picture of the answer, for places that show no pages. */
export function ShareCard({ exhibit }: { readonly exhibit: Exhibit }) {
  const make = useCallback(() => drawCard(exhibit), [exhibit]);
  const made = useMade(make);
  return (
    <section className={styles.part} aria-labelledby="share-card">
      <h3 id="share-card">Card</h3>
      <p className={styles.soft}>A picture of 1200 × 630 pixels; it shows your picture.</p>
      {made.status === 'making' && <p role="status">Drawing the card…</p>}
      {made.status === 'failed' && <FailureMessage error={made.error} />}
      {made.status === 'made' && <Card exhibit={exhibit} card={made.value} />}
    </section>
  );
}

function Card({ exhibit, card }: { exhibit: Exhibit; card: Blob }) {
  const [told, setTold] = useState('');
  const give = useCallback(async () => card, [card]);
  const url = useBlobUrl(give);
  const { question } = startedOf(exhibit.main);
  const name = nameOf(question, '.png');
  const file = new File([card], name, { type: card.type });
  const copy = async (): Promise<void> => {
    const isCopied = await copyPicture(card);
    setTold(isCopied ? 'Copied.' : 'The browser does not let the page copy pictures; save it.');
  };
  return (
    <>
      {url && <img className={styles.card} src={url} alt={altOf(exhibit)} />}
      <div className={styles.actions}>
        <Button onClick={() => saveFile(card, name)}>Save the card</Button>
        {canCopyPictures() && <Button onClick={() => void copy()}>Copy the card</Button>}
        {canShare({ files: [file] }) && (
          <Button onClick={() => void share({ files: [file] })}>Send the card…</Button>
        )}
      </div>
      <p role="status" className={styles.soft}>
        {told}
      </p>
    </>
  );
}

function altOf(exhibit: Exhibit): string {
  const { question, answer, factor, saved } = factsOf(exhibit);
  return `Card: ${question} ${answer}. ${factor ?? ''} ${saved}`;
}

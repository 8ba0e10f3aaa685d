import { useCallback, useState } from 'react';
import { blobOf } from '../../core/share/still.ts';
import { Button } from '../../ui/button.tsx';
import { bytes } from '../../ui/format.ts';
import { FailureMessage } from '../../ui/message.tsx';
import type { Exhibit } from './exhibit.ts';
import { canShare, copyText, share } from './hand-over.ts';
import { linkOf, linkWithPreview, type Link } from './pack-up.ts';
import styles from './replay.module.css';
import { useBlobUrl } from './use-blob-url.ts';
import { useMade } from './use-made.ts';

interface Links {
  readonly bare: Link;
  /** Null for pictures of the gallery, and where there is no room for one. */
  readonly previewed: Link | null;
}

/** The whole run in an address; a person's own picture goes along only if he wants it. */
export function ShareLink({ exhibit }: { readonly exhibit: Exhibit }) {
  const make = useCallback(() => linksOf(exhibit), [exhibit]);
  const made = useMade(make);
  return (
    <section className={styles.part} aria-labelledby="share-link">
      <h3 id="share-link">Link</h3>
      <p className={styles.soft}>
        Question, answer, both texts and the account lie in the link itself. It opens without a
        model.
      </p>
      {made.status === 'making' && <p role="status">Making the link…</p>}
      {made.status === 'failed' && <FailureMessage error={made.error} />}
      {made.status === 'made' && (
        <Choice links={made.value} isSample={exhibit.picture.sample !== null} />
      )}
    </section>
  );
}

function Choice({ links, isSample }: { links: Links; isSample: boolean }) {
  const { bare, previewed } = links;
  const [wantsPreview, setWantsPreview] = useState(false);
  const [told, setTold] = useState('');
  const link = wantsPreview && previewed ? previewed : bare;
  const choose = (wants: boolean): void => {
    setWantsPreview(wants);
    setTold('');
  };
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(link.address);
    setTold(
      isCopied ? 'Copied.' : 'The browser does not let the page copy: copy it from the field.',
    );
  };
  return (
    <>
      {!isSample && (
        <fieldset className={styles.choices}>
          <legend className={styles.soft}>Your picture</legend>
          <label>
            <input
              type="radio"
              name="preview"
              checked={!wantsPreview}
              onChange={() => choose(false)}
            />
            stays here; the link shows where the model looked ({sizeOf(bare)})
          </label>
          <label>
            <input
              type="radio"
              name="preview"
              checked={wantsPreview}
              disabled={!previewed}
              onChange={() => choose(true)}
            />
            {previewed?.preview
              ? `goes along as a small preview, ${previewed.preview.width} × ${previewed.preview.height} (${sizeOf(previewed)})`
              : 'no room for a preview in this link'}
          </label>
          {wantsPreview && previewed && <Preview link={previewed} />}
        </fieldset>
      )}
      <input
        className={styles.address}
        readOnly
        aria-label="Link"
        value={link.address}
        onFocus={({ target }) => target.select()}
      />
      <div className={styles.actions}>
        <Button look="main" onClick={() => void copy()}>
          Copy the link ({sizeOf(link)})
        </Button>
        {canShare({ url: link.address }) && (
          <Button onClick={() => void share({ url: link.address })}>Send it…</Button>
        )}
      </div>
      <p role="status" className={styles.soft}>
        {told}
      </p>
    </>
  );
}

/** What others will see, so that nobody has to guess. */
function Preview({ link: { preview } }: { link: Link }) {
  const make = useCallback(async () => (preview ? blobOf(preview) : null), [preview]);
  const url = useBlobUrl(make);
  if (!url) return null;
  return <img className={styles.preview} src={url} alt="The preview that goes along" />;
}

async function linksOf(exhibit: Exhibit): Promise<Links> {
  const bare = await linkOf(exhibit);
  const isOwn = exhibit.picture.sample === null;
  return { bare, previewed: isOwn ? await linkWithPreview(exhibit, bare) : null };
}

/** Every character of a link is one byte. */
function sizeOf({ address }: Link): string {
  return address.length < 1000 ? bytes(address.length) : `${(address.length / 1000).toFixed(1)} kB`;
}

import type { ModelFamily } from '../../core/contracts/profile.ts';
import { bytes } from '../../ui/format.ts';
import { hubInUse } from '../backend/hub-setting.ts';
import { sizeOf } from './need.ts';
import styles from './panel.module.css';
import type { Row } from './rows.ts';

const FAMILIES: Record<ModelFamily, string> = {
  'qwen2-vl': 'Qwen2-VL',
  'qwen2.5-vl': 'Qwen2.5-VL',
  'qwen3-vl': 'Qwen3-VL',
  'qwen3.5': 'Qwen3.5',
};

/** Size, family, licence and origin in one line. */
export function ModelFacts({ row }: { readonly row: Row }) {
  const { entry, offer } = row;
  const size = sizeOf(row);
  const family = offer?.profile.family ?? entry?.family;
  const licence = entry?.licence;
  const page = pageOf(row);
  return (
    <ul className={styles.facts}>
      {size && <li>{`${size.isExact ? '' : 'about '}${bytes(size.bytes)}`}</li>}
      {family && <li>{FAMILIES[family]} family</li>}
      {licence && (
        <li>
          <a href={licence.url} target="_blank" rel="noreferrer">
            {licence.name}
          </a>
        </li>
      )}
      {licence?.restriction && <li className={styles.restriction}>{licence.restriction}</li>}
      {page && (
        <li>
          <a href={page.url} target="_blank" rel="noreferrer">
            {page.repo}
          </a>
        </li>
      )}
      {!licence && <li>{page ? 'licence: see its page' : 'licence: see where it comes from'}</li>}
      <li>{entry?.isVerified ? 'tried by us' : 'not tried by us'}</li>
    </ul>
  );
}

/** At the hub; null for what is not from there. */
function pageOf({ entry, reference }: Row): { readonly repo: string; readonly url: string } | null {
  const { origin } = entry ?? {};
  if (origin?.kind === 'embedded') return null;
  const repo = origin?.repo ?? /^[^/:]+\/[^/@]+(?=@|$)/.exec(reference)?.[0];
  return repo === undefined ? null : { repo, url: `${hubInUse()}/${repo}` };
}

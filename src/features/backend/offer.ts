/** A model that could be loaded: found by its name or in a folder, with the dtype that suits here. */
import type { DeviceKind } from '../../core/contracts/model.ts';
import type { ModelProfile } from '../../core/contracts/profile.ts';
import { EMBEDDED, entryOf } from '../../models/catalogue.ts';
import { chooseDtype } from '../../models/fit.ts';
import { openModel, openPickedFolder } from '../../models/open.ts';
import { bytesOf, type ModelSource } from '../../models/source.ts';
import { openPageStore } from '../../workers/clients/store-client.ts';
import { factsOf } from './device.ts';
import { hubInUse } from './hub-setting.ts';

export interface ModelOffer {
  readonly source: ModelSource;
  readonly profile: ModelProfile;
  readonly dtype: string;
  /** Of all files that this dtype needs. */
  readonly bytes: number;
  /** Nothing would have to be downloaded. */
  readonly isCached: boolean;
}

export interface OfferChoice {
  /** Default: what suits the device. */
  readonly dtype?: string | undefined;
  readonly device?: DeviceKind | 'auto';
  /** Default: the page's setting. */
  readonly hub?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @param model id of the catalogue, `owner/name[@revision]` of the hub, or URL of a folder; default:
 *   the embedded model
 * @throws ErgoError of `openModel`
 */
export async function offerModel(
  model: string = EMBEDDED.id,
  choice: OfferChoice = {},
): Promise<ModelOffer> {
  const { hub = hubInUse(), signal } = choice;
  const source = await openModel(model, { hub, signal, pageUrl: document.baseURI });
  // An entry of the catalogue has its own favourite, where its folder still has it.
  const favourite = entryOf(model)?.dtypes[0]?.name;
  return describe(source, choice, favourite);
}

/**
 * @param files all of a folder that a person picked
 * @throws ErgoError of `openPickedFolder`
 */
export async function offerFolder(
  files: readonly File[],
  choice: OfferChoice = {},
): Promise<ModelOffer> {
  const named = files.map((file) => ({ path: file.webkitRelativePath || file.name, blob: file }));
  return describe(await openPickedFolder(named), choice);
}

async function describe(
  source: ModelSource,
  { dtype: wanted, device = 'auto' }: OfferChoice,
  favourite?: string,
): Promise<ModelOffer> {
  const dtype = chooseDtype(source, await factsOf(device), wanted, favourite);
  const store = await openPageStore();
  const { isComplete: isCached } = await store.status(source, dtype);
  return { source, profile: source.profile, dtype, bytes: bytesOf(source, dtype), isCached };
}

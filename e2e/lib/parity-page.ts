/** Runs in a page: a fixture through the engine in this thread, whose logits no worker hands out. */
import type { DeviceKind, DeviceReport } from '../../src/core/contracts/model.ts';
import { createPatchInbox } from '../../src/engine/inbox.ts';
import { loadModel } from '../../src/engine/load.ts';
import type { ModelSource } from '../../src/models/source.ts';
import { createStore } from '../../src/models/store/store.ts';
import {
  replayGolden,
  type ParityGolden,
  type ParityReport,
} from '../../src/engine/testing/parity.ts';

/** @param source its URL is the fixture's hub/ */
async function parity(
  source: ModelSource,
  golden: ParityGolden,
  dtype: string,
  device: DeviceKind,
): Promise<ParityReport & { readonly used: DeviceReport }> {
  const inbox = createPatchInbox();
  const model = await loadModel(
    {
      source,
      dtype,
      device,
      runtimeUrl: new URL('/ort/', location.origin).href,
      validate: true,
    },
    { weights: createStore(), inbox },
  );
  const read = async (file: string) =>
    (await fetch(new URL(`../${file}`, source.baseUrl))).arrayBuffer();
  const report = await replayGolden({ golden, read, model, inbox });
  return { ...report, used: model.info.device };
}

export type RunParity = typeof parity;

declare global {
  var runParity: RunParity;
}

globalThis.runParity = parity;

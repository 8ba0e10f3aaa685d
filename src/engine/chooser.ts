/** Chooses tokens from logits wherever they are: on a GPU they stay there. */
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { choiceGraph, readSummary } from './choice-graph.ts';
import type { FloatType } from './graph.ts';
import { floatsOf, type Floats } from './half.ts';
import { readRow } from './logits.ts';
import type { Runtime } from './runtime.ts';
import { checkNumbers, chooseToken, type Choice, type SamplingOptions } from './sampling.ts';

/** As many as a caller may ask for. */
export const MOST_ALTERNATIVES = 20;

export interface Chooser {
  /**
   * @param row [1, 1, vocabulary]; stays
   * @throws ErgoError `session-failed` if the logits are no numbers
   */
  choose(row: Tensor, options: SamplingOptions): Promise<Choice>;
  /** @returns [vocabulary], a view or a copy */
  read(row: Tensor): Promise<Floats>;
  release(): Promise<void>;
}

/** @param isThere false brings every row down, to measure what choosing beside it is worth */
export function createChooser(runtime: Runtime, gpu: GPUDevice | null, isThere = true): Chooser {
  let session: Promise<InferenceSession> | undefined;

  async function summaryOf(row: Tensor): Promise<Float32Array> {
    const count = Math.min(MOST_ALTERNATIVES, row.dims.at(-1) ?? 0);
    session ??= runtime.ort.InferenceSession.create(choiceGraph(row.type as FloatType, count), {
      executionProviders: runtime.providers,
      logSeverityLevel: 3,
    });
    const { summary } = await (await session).run({ logits: row });
    return (summary as Tensor).data as Float32Array;
  }

  const read = async (row: Tensor): Promise<Floats> =>
    gpu && row.location === 'gpu-buffer' ? await readRow(gpu, row) : floatsOf(row);

  return {
    read,
    async choose(row, options) {
      // Drawing by chance looks at all of them.
      if (!isThere || row.location !== 'gpu-buffer' || options.temperature > 0) {
        return chooseToken(await read(row), options);
      }
      const candidates = readSummary(await summaryOf(row));
      const best = candidates[0] ?? { id: 0, logProbability: NaN };
      checkNumbers(best.logProbability);
      return { ...best, alternatives: candidates.slice(0, options.alternatives) };
    },
    async release() {
      await (await session)?.release();
    },
  };
}

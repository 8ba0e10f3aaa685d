/** Between single and half precision on the model's own device, where its graphs disagree. */
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { ErgoError } from '../core/errors.ts';
import type { FloatType } from './graph.ts';
import type { Runtime } from './runtime.ts';
import { sessionOptions } from './sessions.ts';
import { elementType, writeGraph } from './tiny-graph.ts';

export interface Caster {
  /**
   * @returns the tensor itself if it is of that type; else a new one, and the old one is freed
   * @throws ErgoError `model-unsupported` for anything that is not a float
   */
  cast(tensor: Tensor, type: FloatType): Promise<Tensor>;
  release(): Promise<void>;
}

export function createCaster(runtime: Runtime): Caster {
  const sessions = new Map<FloatType, Promise<InferenceSession>>();
  const sessionTo = (type: FloatType): Promise<InferenceSession> => {
    const kept = sessions.get(type);
    if (kept) return kept;
    const from = type === 'float32' ? 'float16' : 'float32';
    const graph = writeGraph({
      nodes: [
        { op: 'Cast', inputs: ['in'], outputs: ['out'], attributes: { to: elementType(type) } },
      ],
      inputs: { in: from },
      outputs: { out: type },
    });
    const made = runtime.ort.InferenceSession.create(graph, sessionOptions(runtime));
    sessions.set(type, made);
    return made;
  };
  return {
    async cast(tensor, type) {
      if (tensor.type === type) return tensor;
      if (tensor.type !== 'float32' && tensor.type !== 'float16') {
        throw new ErgoError('model-unsupported', `A graph of this model gives ${tensor.type}.`);
      }
      const session = await sessionTo(type);
      const { out } = await session.run({ in: tensor });
      tensor.dispose();
      return out as Tensor;
    },
    async release() {
      for (const session of sessions.values()) await (await session).release();
    },
  };
}

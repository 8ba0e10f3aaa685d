/** The library finds a graph by its dtype; a model names the file. */
import type { DataType } from '@huggingface/transformers';
import { ErgoError } from '../core/errors.ts';
import type { ModelDtype } from '../models/source.ts';

type Sessions = ModelDtype['sessions'];
type Dtype = Exclude<DataType, 'auto'>;

const DTYPE_OF_SUFFIX: Readonly<Record<string, Dtype>> = {
  '': 'fp32',
  _fp16: 'fp16',
  _quantized: 'q8',
  _int8: 'int8',
  _uint8: 'uint8',
  _q4: 'q4',
  _q4f16: 'q4f16',
  _bnb4: 'bnb4',
};

/**
 * @returns the library's dtype of each graph
 * @throws ErgoError `model-unsupported` for a file name that it would not find
 */
export function dtypesOf(sessions: Sessions): Record<keyof Sessions, Dtype> {
  const dtypeOf = (name: keyof Sessions): Dtype => {
    const path = sessions[name];
    const [start, end] = [`onnx/${name}`, '.onnx'];
    const isNamedAfterSession = path.startsWith(start) && path.endsWith(end);
    const dtype = isNamedAfterSession
      ? DTYPE_OF_SUFFIX[path.slice(start.length, -end.length)]
      : undefined;
    if (dtype !== undefined) return dtype;
    throw new ErgoError('model-unsupported', `transformers.js would not find ${path}.`);
  };
  return {
    vision_encoder: dtypeOf('vision_encoder'),
    embed_tokens: dtypeOf('embed_tokens'),
    decoder_model_merged: dtypeOf('decoder_model_merged'),
  };
}

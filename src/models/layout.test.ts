import { describe, expect, it } from 'vitest';
import { dtypesOf, graphPath, possibleGraphs, SESSIONS, type GraphDtype } from './layout.ts';

/** Graphs by session; `+n` stands for n parts of external data. */
function folder(graphs: Readonly<Record<string, string>>): string[] {
  return SESSIONS.flatMap((session) =>
    (graphs[session] ?? '').split(' ').flatMap((text) => {
      const [dtype = '', parts = '0'] = text.split('+');
      if (dtype === '') return [];
      const path = graphPath(session, dtype as GraphDtype);
      const data = Array.from({ length: Number(parts) }, (_, i) =>
        i === 0 ? `${path}_data` : `${path}_data_${i}`,
      );
      return [path, ...data];
    }),
  );
}

const all = (dtypes: string) => ({
  vision_encoder: dtypes,
  embed_tokens: dtypes,
  decoder_model_merged: dtypes,
});

const config = (parts: number) => ({
  'transformers.js_config': { use_external_data_format: { 'decoder_model_merged_q4.onnx': parts } },
});

describe('the dtypes of a folder in the hub’s layout', () => {
  it('are found by the suffix of the files, the smaller first', () => {
    const found = dtypesOf(folder(all('fp32 fp16 q8 q4f16')), {});
    expect(Object.keys(found)).toEqual(['q4f16', 'fp16', 'q8', 'fp32']);
    expect(found['q8']?.sessions.vision_encoder).toBe('onnx/vision_encoder_quantized.onnx');
    expect(found['fp32']?.sessions.embed_tokens).toBe('onnx/embed_tokens.onnx');
  });

  it('count external data in any number of parts', () => {
    const graphs = { ...all('q4'), decoder_model_merged: 'q4+2', embed_tokens: 'q4+1' };
    expect(dtypesOf(folder(graphs), {})['q4']?.files).toEqual([
      'onnx/vision_encoder_q4.onnx',
      'onnx/embed_tokens_q4.onnx',
      'onnx/embed_tokens_q4.onnx_data',
      'onnx/decoder_model_merged_q4.onnx',
      'onnx/decoder_model_merged_q4.onnx_data',
      'onnx/decoder_model_merged_q4.onnx_data_1',
    ]);
  });

  it('mix precisions where a session lacks the decoder’s', () => {
    const graphs = { vision_encoder: 'fp16', embed_tokens: 'fp32', decoder_model_merged: 'q4' };
    expect(Object.keys(dtypesOf(folder(graphs), {}))).toEqual(['q4-vision-fp16-embed-fp32']);
  });

  it('offer a sharper vision encoder beside one of four bits', () => {
    const graphs = { ...all('q4'), vision_encoder: 'q4 fp16' };
    expect(Object.keys(dtypesOf(folder(graphs), {}))).toEqual(['q4-vision-fp16', 'q4']);
  });

  it('put first what the maker of the folder meant', () => {
    const graphs = { ...all('q4 q8'), vision_encoder: 'q8 fp32' };
    const dtype = { vision_encoder: 'fp32', embed_tokens: 'q8', decoder_model_merged: 'q8' };
    const found = dtypesOf(folder(graphs), { 'transformers.js_config': { dtype } });
    expect(Object.keys(found)[0]).toBe('q8-vision-fp32');
  });

  it('leave out what lacks a part that config.json speaks of', () => {
    const graphs = { ...all('q4 q8'), decoder_model_merged: 'q4+1 q8' };
    expect(Object.keys(dtypesOf(folder(graphs), config(1)))).toEqual(['q4', 'q8']);
    expect(Object.keys(dtypesOf(folder(graphs), config(2)))).toEqual(['q8']);
  });

  it('are none where a session is missing', () => {
    expect(dtypesOf(folder({ ...all('q4'), vision_encoder: '' }), {})).toEqual({});
    expect(dtypesOf(['model.safetensors', 'config.json'], {})).toEqual({});
  });
});

it('asks a folder that cannot be listed for each graph that it may hold', () => {
  expect(possibleGraphs()).toHaveLength(15);
  expect(possibleGraphs()).toContain('onnx/decoder_model_merged_q4f16.onnx');
});

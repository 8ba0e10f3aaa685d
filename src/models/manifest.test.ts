import { describe, expect, it } from 'vitest';
import { hasCode } from '../core/errors.ts';
import { TINY_PROFILE } from '../core/policies/testing/tiny-profile.ts';
import { parseManifest, profileOf, sourceOf } from './manifest.ts';
import { filesOf } from './source.ts';
import { testManifest } from './testing.ts';

const sha256 = 'a'.repeat(64);
const onnx = {
  vision_encoder: 'onnx/vision_encoder_q8.onnx',
  embed_tokens: 'onnx/embed_tokens_q8.onnx',
  decoder_model_merged: 'onnx/decoder_model_merged_q8.onnx',
};

const paths = [
  ...Object.values(onnx),
  'config.json',
  'tokenizer.json',
  'golden/golden.json',
  'model.safetensors',
];
const example = testManifest(
  paths.map((path) => ({ path, bytes: 10, sha256 })),
  onnx,
);

describe('parseManifest', () => {
  it('reads a manifest and translates it to a profile', () => {
    expect(profileOf(parseManifest(example))).toEqual(TINY_PROFILE);
  });

  it('finds the rotary sections where older and newer config.json have them', () => {
    const { architecture } = example;
    const { mrope_section, rope_theta, ...text } = architecture.text;
    for (const told of [
      { rope_theta, rope_scaling: { type: 'mrope', mrope_section } },
      { rope_parameters: { rope_theta, mrope_section } },
    ]) {
      const nested = { ...example, architecture: { ...architecture, text: { ...text, ...told } } };
      expect(profileOf(parseManifest(nested))).toEqual(TINY_PROFILE);
    }
    const without = { ...example, architecture: { ...architecture, text } };
    expect(() => profileOf(parseManifest(without))).toThrow(/no mrope_section/);
  });

  it('names the place of a problem', () => {
    const broken = { ...example, region: { minSide: -1 } };
    expect(() => parseManifest(broken)).toThrow(/region\.minSide/);
  });

  it('refuses a dtype whose files are not listed and paths that leave the folder', () => {
    expect(() => parseManifest({ ...example, files: example.files.slice(1) })).toThrow(
      /vision_encoder_q8\.onnx is not among the files/,
    );
    expect(() => parseManifest({ ...example, golden: '../x' })).toThrow(/golden/);
  });
});

const open = (json: unknown) => sourceOf(parseManifest(json), { baseUrl: 'https://models.test/' });

describe('filesOf', () => {
  it('lists what a dtype needs and no more', () => {
    const paths = filesOf(open(example), 'q8').map((file) => file.path);
    expect(paths).toEqual([...Object.values(onnx), 'config.json', 'tokenizer.json']);
  });

  it('lists the graphs for wasm too, which have to be among the files', () => {
    const wasm = { decoder_model_merged: 'onnx/decoder_model_merged_q8_wasm.onnx' };
    const dtypes = { q8: { ...example.dtypes['q8'], wasm } };
    expect(() => parseManifest({ ...example, dtypes })).toThrow(/_wasm\.onnx is not among/);
    const added = { path: wasm.decoder_model_merged, bytes: 10, sha256 };
    const source = open({ ...example, dtypes, files: [...example.files, added] });
    expect(filesOf(source, 'q8')).toContainEqual(added);
  });

  it('says that a dtype is unknown', () => {
    expect(() => filesOf(open(example), 'q4')).toThrow(
      expect.toSatisfy((error: unknown) => hasCode(error, 'model-unsupported')),
    );
  });
});

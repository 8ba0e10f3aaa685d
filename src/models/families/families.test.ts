import { describe, expect, it } from 'vitest';
import type { ModelFamily } from '../../core/contracts/profile.ts';
import { hasCode, type ErrorCode } from '../../core/errors.ts';
import type { CheckpointFiles } from './checkpoint.ts';
import { profileOfCheckpoint } from './registry.ts';
import { EXAMPLES } from './testing.ts';

const profileOf = (files: CheckpointFiles, id = 'owner/name') => profileOfCheckpoint(files, { id });
const failsWith = (code: ErrorCode) => expect.toSatisfy((error: unknown) => hasCode(error, code));
const names = Object.keys(EXAMPLES) as ModelFamily[];

/** The example's config.json with some keys changed in its text or vision part. */
function changed(family: ModelFamily, part: 'text_config' | 'vision_config', keys: object) {
  const config = EXAMPLES[family]['config.json'] as Record<string, object>;
  return {
    ...EXAMPLES[family],
    'config.json': { ...config, [part]: { ...config[part], ...keys } },
  };
}

describe('a checkpoint of the hub', () => {
  it.each([
    ['qwen2-vl', 28, 'relative-1000', 4, 16_384, 32_768, 28_672, 2_208_985_600],
    ['qwen2.5-vl', 28, 'absolute-coarse-pixels', 4, 16_384, 128_000, 36_864, 3_754_622_976],
    ['qwen3-vl', 32, 'relative-1000', 64, 16_384, 262_144, 114_688, 2_127_532_032],
    ['qwen3.5', 32, 'relative-1000', 64, 16_384, 262_144, 12_288, 852_985_920],
  ] as const)(
    'of %s: tokens of %d pixels, boxes in %s',
    (family, pixelsPerToken, coordinates, minTokens, maxTokens, contextTokens, cached, weights) => {
      const profile = profileOf(EXAMPLES[family]);
      expect(profile).toMatchObject({
        id: 'owner/name',
        name: 'name',
        family,
        coordinates,
        contextTokens,
        replies: 'plain',
        image: { pixelsPerToken, minTokens, maxTokens },
        budgets: { fullResolution: maxTokens },
      });
      const { text, parameters } = profile.architecture;
      // Bytes of a token's keys and values in float16, which decide how far a device carries.
      const values = 2 * text.attentionLayers * text.keyValueHeads * text.headSize;
      expect(2 * values).toBe(cached);
      // As transformers counts them in its class of these sizes; ours leaves out biases and norms.
      expect(parameters / weights).toBeCloseTo(1, 2);
    },
  );

  it('ends a reply by the numbers of generation_config.json, one or several', () => {
    expect(profileOf(EXAMPLES['qwen3.5']).stopIds).toEqual([248_046, 248_044]);
    expect(profileOf(EXAMPLES['qwen2.5-vl']).stopIds).toEqual([151_645]);
    const { 'generation_config.json': _, ...rest } = EXAMPLES['qwen3-vl'];
    expect(profileOf(rest).stopIds).toEqual([151_645]);
  });

  it('adds what its chat template adds', () => {
    const chats = names.map((family) => profileOf(EXAMPLES[family]).chat);
    const helpful = 'You are a helpful assistant.';
    const thought = '<think>\n\n</think>\n\n';
    expect(chats).toEqual([
      { defaultSystem: helpful, replyPrefix: '', laterLook: 'user' },
      { defaultSystem: helpful, replyPrefix: '', laterLook: 'user' },
      { defaultSystem: null, replyPrefix: '', laterLook: 'user' },
      { defaultSystem: null, replyPrefix: thought, laterLook: 'tool-response' },
    ]);
    const open = '{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}';
    const thinking = profileOf({ ...EXAMPLES['qwen3-vl'], 'chat_template.jinja': open });
    expect(thinking.chat.replyPrefix).toBe(thought);
  });

  it.each(names)('of %s is read from config.json alone, by the values of its family', (family) => {
    const whole = profileOf(EXAMPLES[family]);
    const alone = profileOf({ 'config.json': EXAMPLES[family]['config.json'] });
    expect({ ...alone, stopIds: [] }).toEqual({ ...whole, stopIds: [] });
  });

  it('finds the picture rules of a template by name and the sizes of a tower that differs', () => {
    const named = { chat_template: [{ name: 'default', template: 'x' }] };
    const files = { ...EXAMPLES['qwen2.5-vl'], 'tokenizer_config.json': named };
    expect(profileOf(files).chat.defaultSystem).toBeNull();
    const small = {
      ...EXAMPLES['qwen2-vl'],
      'preprocessor_config.json': { max_pixels: 1_003_520 },
    };
    expect(profileOf(small)).toMatchObject({
      image: { minTokens: 4, maxTokens: 1280 },
      budgets: { coarse: 1280, fullResolution: 1280 },
    });
  });

  it('counts the layers whose state grows', () => {
    const types = ['linear_attention', 'full_attention', 'linear_attention'];
    const keys = { num_hidden_layers: 3, layer_types: types };
    const { text } = profileOf(changed('qwen3.5', 'text_config', keys)).architecture;
    expect(text).toMatchObject({ layers: 3, attentionLayers: 1 });
  });
});

describe('ERGO-7B', () => {
  it('is known by its name, and asked in its own format', () => {
    for (const id of ['nota-ai/ERGO-7B', 'somebody/ergo-7b-onnx', 'ERGO-7B']) {
      const profile = profileOf(EXAMPLES['qwen2.5-vl'], id);
      expect(profile).toMatchObject({ replies: 'tags', family: 'qwen2.5-vl', maxNewTokens: 1024 });
      expect(profile.prompts.coarseToFine.locate).toContain('<zoom>');
    }
    expect(profileOf(EXAMPLES['qwen2.5-vl'], 'owner/not-ergo-7b').replies).toBe('plain');
    expect(profileOf(EXAMPLES['qwen2.5-vl'], 'owner/ergo-70b').replies).toBe('plain');
  });
});

describe('files that cannot be used', () => {
  it('are refused with the family and the known ones', () => {
    const files = { 'config.json': { model_type: 'idefics3' } };
    expect(() => profileOf(files)).toThrow(
      'owner/name is of the family "idefics3"; the app runs Qwen2-VL, Qwen2.5-VL, Qwen3-VL, Qwen3.5.',
    );
    expect(() => profileOf(files)).toThrow(failsWith('model-unsupported'));
  });

  it('are refused with file and key', () => {
    const broken: [CheckpointFiles, RegExp][] = [
      [{}, /no config\.json/],
      [{ 'config.json': 'x' }, /^config\.json: /],
      [{ 'config.json': { model_type: 'qwen2_vl' } }, /config\.json: vision_config/],
      [changed('qwen3.5', 'text_config', { hidden_size: '1024' }), /hidden_size/],
      [changed('qwen3-vl', 'vision_config', { out_hidden_size: undefined }), /out_hidden_size/],
      [changed('qwen3-vl', 'vision_config', { patch_size: 14 }), /patch_size is 14 .* and 16/],
      [changed('qwen3.5', 'text_config', { head_dim: 128 }), /mrope_section .* 16 pairs/],
      [{ ...EXAMPLES['qwen3.5'], 'generation_config.json': { eos_token_id: 'x' } }, /^generation/],
      [{ ...EXAMPLES['qwen2-vl'], 'preprocessor_config.json': { image_mean: [1] } }, /image_mean/],
      [{ ...EXAMPLES['qwen2-vl'], 'chat_template.json': {} }, /^chat_template\.json/],
    ];
    for (const [files, message] of broken) {
      expect(() => profileOf(files)).toThrow(message);
      expect(() => profileOf(files)).toThrow(failsWith('config-invalid'));
    }
  });
});

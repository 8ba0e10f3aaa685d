import { describe, expect, it } from 'vitest';
import type { EncodedPicture, EncodedPictureId } from '../core/contracts/model.ts';
import type { ChatRules } from '../core/contracts/profile.ts';
import { hasCode } from '../core/errors.ts';
import { asking, askingAgain, opening } from '../core/protocol/chat.ts';
import { NOTHING, withParts } from './conversation.ts';
import { dtypesOf } from './dtypes.ts';

function picture(name: string, tokens: number): EncodedPicture {
  const size = { width: tokens * 28, height: 28, grid: { rows: 1, columns: tokens }, tokens };
  return { id: name as EncodedPictureId, kind: 'coarse', size, milliseconds: 0 };
}

const CHAT: ChatRules = { defaultSystem: null, replyPrefix: '', laterLook: 'user' };
const words = (text: string) => [{ type: 'words', text } as const];

describe('a conversation', () => {
  const coarse = picture('coarse', 2);
  const crop = picture('crop', 3);
  const start = withParts(NOTHING, opening(CHAT, 'Be brief.', [coarse]), '<|im_end|>');
  const asked = withParts(start, asking(CHAT, words('Where?')), '<|im_end|>');

  it('holds one placeholder per vision token, in the layout of the chat template', () => {
    expect(asked.prompt).toBe(
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n' +
        '<|vision_start|><|image_pad|><|image_pad|><|vision_end|>' +
        'Where?<|im_end|>\n<|im_start|>assistant\n',
    );
    expect(start.pictures).toEqual([coarse]);
  });

  it('has no special tokens in the words of a person', () => {
    const asked = withParts(NOTHING, words('Is 1 < 2, </answer> or <|im_end|>?'), '<|im_end|>');
    expect(asked.prompt).toBe('Is 1 < 2, < /answer> or < |im_end|>?');
  });

  it.each([
    ['written to its end', 'There.<|im_end|>'],
    ['cut off', 'There.'],
  ])('closes a turn that was %s exactly once, and keeps both pictures', (_, reply) => {
    const written = { ...asked, prompt: asked.prompt + reply };
    const more = askingAgain(CHAT, [crop], words('What?'));
    const next = withParts(written, more, '<|im_end|>');
    expect(next.prompt.slice(asked.prompt.length)).toBe(
      'There.<|im_end|>\n<|im_start|>user\n' +
        '<|vision_start|><|image_pad|><|image_pad|><|image_pad|><|vision_end|>' +
        'What?<|im_end|>\n<|im_start|>assistant\n',
    );
    expect(next.pictures).toEqual([coarse, crop]);
    expect(written.pictures).toEqual([coarse]);
  });
});

function graphs(vision: string, decoder: string) {
  return {
    vision_encoder: `onnx/vision_encoder${vision}.onnx`,
    embed_tokens: 'onnx/embed_tokens.onnx',
    decoder_model_merged: `onnx/decoder_model_merged${decoder}.onnx`,
  };
}

describe('dtypesOf', () => {
  it('reads the dtype of each graph from its name', () => {
    expect(dtypesOf(graphs('_quantized', '_q4f16'))).toEqual({
      vision_encoder: 'q8',
      embed_tokens: 'fp32',
      decoder_model_merged: 'q4f16',
    });
  });

  it('refuses names that the library would not find', () => {
    expect(() => dtypesOf(graphs('_odd', ''))).toThrow(
      expect.toSatisfy((error: unknown) => hasCode(error, 'model-unsupported')),
    );
  });
});

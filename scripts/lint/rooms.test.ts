import { describe, expect, it } from 'vitest';
import { violation } from './rooms.mjs';

describe('import rules', () => {
  it.each([
    ['src/features/ask/store.ts', '../../workers/clients/engine.ts'],
    ['src/features/ask/store.ts', '../compare/table.tsx'],
    ['src/workers/engine.worker.ts', '../engine/session.ts'],
    ['src/engine/session.ts', 'onnxruntime-web/webgpu'],
    ['src/models/tokenizer.ts', '@huggingface/transformers'],
    ['src/peer/library.ts', '@huggingface/transformers'],
    ['src/peer/library.ts', '../engine/runtime.ts'],
    ['src/core/run/events.ts', '../geometry/size.ts'],
    ['src/core/a.test.ts', 'node:fs'],
    ['src/app/app.tsx', '../features/ask/page.tsx'],
    ['scripts/anything.mjs', '../src/engine/session.ts'],
  ])('%s may import %s', (file, specifier) => {
    expect(violation(file, specifier)).toBeUndefined();
  });

  it.each([
    ['src/core/run/fold.ts', '../../models/manifest.ts'],
    ['src/core/run/fold.ts', 'react'],
    ['src/core/run/fold.ts', 'node:fs'],
    ['src/features/ask/store.ts', '../../engine/session.ts'],
    ['src/features/ask/store.ts', '../../workers/engine.worker.ts'],
    ['src/features/models/list.tsx', 'onnxruntime-web/webgpu'],
    ['src/imaging/resize.ts', '../engine/tensor.ts'],
    ['src/imaging/resize.ts', '@huggingface/transformers'],
    ['src/workers/clients/engine.ts', '../../engine/session.ts'],
    ['src/ui/button.tsx', '../features/ask/store.ts'],
    ['src/engine/session.ts', 'react'],
    ['src/engine/session.ts', '../peer/library.ts'],
    ['src/peer/library.ts', 'onnxruntime-web/wasm'],
  ])('%s must not import %s', (file, specifier) => {
    expect(violation(file, specifier)).toBeTypeOf('string');
  });
});

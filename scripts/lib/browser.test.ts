import { describe, expect, it } from 'vitest';
import { adapterFlags, earlyRefusal, isHardware, refusal } from './adapter.mjs';
import { UsageError } from './args.mjs';
import { browserChoice } from './browser-args.mjs';
import { CHROME_FLAGS } from './browser.mjs';

describe('flags of Chrome', () => {
  it('emulate the adapter in tests, on every machine', () => {
    expect(CHROME_FLAGS).toContain('--use-webgpu-adapter=swiftshader');
  });

  it('open Vulkan for a card of a Linux machine, and emulate nothing', () => {
    const linux = adapterFlags('hardware', 'linux');
    expect(linux).toEqual(expect.arrayContaining(['--use-angle=vulkan', '--enable-unsafe-webgpu']));
    expect(adapterFlags('hardware', 'darwin').join(' ')).not.toMatch(/vulkan/i);
    expect([...linux, ...adapterFlags('hardware', 'win32')].join(' ')).not.toContain('swiftshader');
  });
});

describe('arguments about the browser', () => {
  it('prefer the card where the model may use it', () => {
    expect(browserChoice({}, 'webgpu').adapter).toBe('auto');
    expect(browserChoice({}, 'wasm').adapter).toBe('swiftshader');
    expect(browserChoice({ gpu: true }, 'webgpu').adapter).toBe('hardware');
    expect(browserChoice({ adapter: 'swiftshader' }, 'auto').adapter).toBe('swiftshader');
  });

  it('say where a remote browser is and where it finds the page', () => {
    const choice = browserChoice({ browser: 'ws://farm:3000/', host: '10.0.0.2:8080' }, 'wasm');
    expect(choice).toMatchObject({ remote: 'ws://farm:3000/', host: '10.0.0.2', port: 8080 });
  });

  it.each([
    [{ adapter: 'nvidia' }, 'webgpu'],
    [{ gpu: true }, 'wasm'],
    [{ gpu: true, adapter: 'swiftshader' }, 'webgpu'],
    [{ browser: 'farm:3000' }, 'wasm'],
    [{ browser: 'ws://farm', headed: true }, 'wasm'],
    [{ host: 'http://here' }, 'wasm'],
  ])('are refused: %j on %s', (values, device) => {
    expect(() => browserChoice(values, device)).toThrow(UsageError);
  });
});

describe('an adapter', () => {
  const info = { vendor: 'nvidia', architecture: 'hopper', device: '', description: '' };

  it('is real unless it says or is known to be emulated', () => {
    expect(isHardware({ ...info, isFallback: false })).toBe(true);
    expect(isHardware({ ...info, isFallback: true })).toBe(false);
    expect(isHardware({ ...info, isFallback: false, description: 'llvmpipe (LLVM 17)' })).toBe(
      false,
    );
    expect(isHardware(null)).toBe(false);
  });

  const card = { used: 'webgpu', adapter: 'nvidia hopper', fallback: false } as const;
  const emulated = { used: 'webgpu', adapter: 'google swiftshader', fallback: true } as const;
  const wasm = { used: 'wasm', adapter: null, fallback: true } as const;
  const asked = { adapter: 'hardware', allowSoftware: false } as const;

  it('that was asked for must have been used', () => {
    expect(refusal(asked, card)).toBeNull();
    expect(refusal(asked, emulated)).toContain('emulates one in software (google swiftshader)');
    expect(refusal(asked, wasm)).toContain('the model ran on wasm');
    expect(earlyRefusal(asked, { ...info, isFallback: false })).toBeNull();
    expect(earlyRefusal(asked, { ...info, isFallback: true })).toContain('(nvidia hopper)');
    expect(earlyRefusal(asked, null)).toContain('Chrome shows none');
    expect(earlyRefusal({ ...asked, adapter: 'auto' }, null)).toBeNull();
  });

  it('may be emulated if that was said or nothing was asked', () => {
    expect(refusal({ ...asked, allowSoftware: true }, emulated)).toBeNull();
    expect(refusal({ ...asked, adapter: 'auto' }, emulated)).toBeNull();
    expect(refusal({ ...asked, adapter: 'swiftshader' }, wasm)).toBeNull();
  });
});

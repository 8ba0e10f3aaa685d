import { afterEach, describe, expect, it, vi } from 'vitest';
import { installed, isolated, isPageOf, keptLater, keyOf, ruleFor } from './offline-rules.ts';

const scope = 'https://host/app/';
const list = {
  'assets/index-a1b2.js': 'A+/=',
  'assets/benchmark-c3.js': 'B',
  'bench/scenes/1.jpg': 'C',
  'index.html': 'D',
  'ort/ort-wasm-simd-threaded.asyncify.wasm': 'E',
  'ort/ort-wasm-simd-threaded.jspi.wasm': 'E',
  'ort/ort-wasm-simd-threaded.wasm': 'F',
  'samples/samples.json': 'G',
  'samples/street.jpg': 'H',
  'samples/thumbs/street.jpg': 'I',
};
const get = { method: 'GET', mode: 'cors', isRange: false };

afterEach(() => vi.unstubAllGlobals());

describe('the service worker', () => {
  it.each([
    [{ ...get, url: `${scope}assets/index-a1b2.js` }, 'assets/index-a1b2.js'],
    [{ ...get, url: `${scope}assets/index-a1b2.js?again=1` }, 'assets/index-a1b2.js'],
    [{ ...get, url: `${scope}assets/index-of-another-build.js` }, 'earlier'],
    [{ ...get, url: scope, mode: 'navigate' }, 'index.html'],
    [{ ...get, url: `${scope}?from=mail#/benchmark`, mode: 'navigate' }, 'index.html'],
    [{ ...get, url: `${scope}index.html`, mode: 'navigate' }, 'index.html'],
    [{ ...get, url: `${scope}samples/street.jpg`, mode: 'navigate' }, 'samples/street.jpg'],
    [{ ...get, url: `${scope}ort/ort-wasm-simd-threaded.wasm` }, 'ort/ort-wasm-simd-threaded.wasm'],
    [{ ...get, url: `${scope}models/ergo-tiny/onnx/decoder.onnx` }, 'leave'],
    [{ ...get, url: `${scope}samples/street.jpg`, isRange: true }, 'leave'],
    [{ ...get, url: `${scope}constructor` }, 'leave'],
    [{ ...get, url: scope, method: 'HEAD' }, 'leave'],
    [{ ...get, url: `${scope}share-target`, method: 'POST', mode: 'navigate' }, 'share'],
    [{ ...get, url: `${scope}share-target` }, 'leave'],
    [{ ...get, url: scope, method: 'POST' }, 'leave'],
    [{ ...get, url: 'https://hub/model.onnx' }, 'leave'],
    [{ ...get, url: 'https://host/other/' }, 'leave'],
  ])('treats %j as %s', (request, expected) => {
    const rule = ruleFor(request, scope, list);
    expect(rule.kind === 'file' ? rule.path : rule.kind).toBe(expected);
  });

  it('installs every page, and leaves what is large until it is needed', () => {
    expect(installed(list)).toEqual([
      'assets/index-a1b2.js',
      'assets/benchmark-c3.js',
      'index.html',
      'samples/samples.json',
      'samples/thumbs/street.jpg',
    ]);
    expect(keptLater(list, 'wasm')).toEqual([
      'ort/ort-wasm-simd-threaded.wasm',
      'samples/street.jpg',
    ]);
  });

  it.each([
    ['jspi', { Suspending: Function }],
    ['asyncify', {}],
  ])('keeps the %s build for WebGPU where that is what runs', (build, found) => {
    vi.stubGlobal('WebAssembly', found);
    expect(keptLater(list, 'webgpu')).toEqual([
      `ort/ort-wasm-simd-threaded.${build}.wasm`,
      'samples/street.jpg',
    ]);
  });

  it('keeps a file under its content', () => {
    expect(keyOf('assets/index-a1b2.js', list, scope)).toBe(
      `${scope}assets/index-a1b2.js?sha256=A%2B%2F%3D`,
    );
  });

  it('knows the page of the build from that of a portal', () => {
    const page = '<script type="module" src="./assets/index-a1b2.js"></script>';
    expect(isPageOf(`<!-- written by the host -->${page}`, list)).toBe(true);
    expect(isPageOf('<h1>Welcome to our guest network</h1>', list)).toBe(false);
    expect(isPageOf('<script src="./assets/index-older.js"></script>', list)).toBe(false);
  });

  it('adds the headers of the page and keeps the rest', async () => {
    const response = isolated(
      new Response('<p>', { status: 200, headers: { 'Content-Type': 'text/html' } }),
    );
    expect(response.headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
    expect(response.headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
    expect(response.headers.get('Content-Type')).toBe('text/html');
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    const policy = response.headers.get('Content-Security-Policy');
    expect(policy).toContain("script-src 'self'");
    // A host may show the page in a frame of its own.
    expect(policy).not.toContain('frame-ancestors');
    expect(await response.text()).toBe('<p>');
  });

  it('keeps the policy of a host beside its own', () => {
    const headers = { 'Content-Security-Policy': "frame-ancestors 'none'" };
    const policy = isolated(new Response('<p>', { headers })).headers.get(
      'Content-Security-Policy',
    );
    expect(policy).toMatch(/^frame-ancestors 'none', default-src 'none';/);
  });
});

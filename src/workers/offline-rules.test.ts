import { describe, expect, it } from 'vitest';
import { isolated, ruleFor } from './offline-rules.ts';

const scope = 'https://host/app/';
const get = { method: 'GET', mode: 'cors', isRange: false };

describe('the service worker', () => {
  it.each([
    [{ ...get, url: `${scope}assets/index-a1b2.js` }, 'immutable'],
    [{ ...get, url: scope, mode: 'navigate' }, 'page'],
    [{ ...get, url: `${scope}?from=mail`, mode: 'navigate' }, 'page'],
    [{ ...get, url: `${scope}samples/street.jpg`, mode: 'navigate' }, 'fresh'],
    [{ ...get, url: `${scope}ort/ort.wasm` }, 'fresh'],
    [{ ...get, url: `${scope}samples/street.jpg` }, 'fresh'],
    [{ ...get, url: `${scope}models/ergo-tiny/onnx/decoder.onnx` }, 'leave'],
    [{ ...get, url: `${scope}samples/street.jpg`, isRange: true }, 'leave'],
    [{ ...get, url: scope, method: 'HEAD' }, 'leave'],
    [{ ...get, url: 'https://hub/model.onnx' }, 'leave'],
    [{ ...get, url: 'https://host/other/' }, 'leave'],
  ])('treats %j as %s', (request, rule) => {
    expect(ruleFor(request, scope)).toBe(rule);
  });

  it('adds the headers of isolation and keeps the rest', async () => {
    const response = isolated(
      new Response('<p>', { status: 200, headers: { 'Content-Type': 'text/html' } }),
    );
    expect(response.headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
    expect(response.headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
    expect(response.headers.get('Content-Type')).toBe('text/html');
    expect(await response.text()).toBe('<p>');
  });
});

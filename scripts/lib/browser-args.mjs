/** Arguments about the browser, the same for `npm run ask` and `npm run bench`. */
import { ADAPTERS } from './adapter.mjs';
import { oneOf, UsageError } from './args.mjs';

export const BROWSER_USAGE = `  --headed           a window, to look on
  --gpu              the machine's graphics card (the same as --adapter hardware), or no report
  --adapter A        hardware, swiftshader (emulated in software) or auto: the first if Chrome
                     finds one; default: auto, and swiftshader on wasm
  --allow-software   report times of an emulated adapter although --gpu was asked for
  --browser URL      a browser that runs elsewhere: ws:// of a Playwright server, or http:// of
                     Chrome's remote debugging
  --host H[:PORT]    where the page is served for it; default: 127.0.0.1, any port`;

export const BROWSER_OPTIONS = /** @type {const} */ ({
  headed: { type: 'boolean' },
  gpu: { type: 'boolean' },
  adapter: { type: 'string' },
  'allow-software': { type: 'boolean' },
  browser: { type: 'string' },
  host: { type: 'string' },
});

/**
 * @typedef {{
 *   headed: boolean,
 *   adapter: import('./adapter.mjs').AdapterChoice,
 *   allowSoftware: boolean,
 *   remote: string | null,
 *   host: string,
 *   port: number,
 * }} BrowserChoice
 */

/**
 * @param {{ headed?: boolean | undefined, gpu?: boolean | undefined, adapter?: string | undefined, 'allow-software'?: boolean | undefined, browser?: string | undefined, host?: string | undefined }} values
 * @param {string} device that the model is asked to run on
 * @returns {BrowserChoice}
 * @throws UsageError with a sentence for people
 */
export function browserChoice(values, device) {
  const { headed = false, gpu = false, browser: remote = null, host = '127.0.0.1' } = values;
  const asked = values.adapter ?? (gpu ? 'hardware' : undefined);
  const adapter = oneOf('adapter', asked ?? (device === 'wasm' ? 'swiftshader' : 'auto'), ADAPTERS);
  if (gpu && adapter !== 'hardware') throw new UsageError(`--gpu and --adapter ${adapter}?`);
  if (adapter === 'hardware' && device === 'wasm') {
    throw new UsageError('A graphics adapter and --device wasm: only one of them.');
  }
  if (remote !== null && !/^(wss?|https?):\/\//.test(remote)) {
    throw new UsageError(`--browser ${remote}: it begins with ws:// or http://.`);
  }
  if (remote !== null && headed) throw new UsageError('--headed is for a browser started here.');
  const [, name = '', port = '0'] = /^([^:/]+)(?::(\d{1,5}))?$/.exec(host) ?? [];
  if (name === '') throw new UsageError(`--host ${host}: it is a name or an address, then a port.`);
  return {
    headed,
    adapter: /** @type {BrowserChoice['adapter']} */ (adapter),
    allowSoftware: values['allow-software'] ?? false,
    remote,
    host: name,
    port: Number(port),
  };
}

/** Which graphics adapter Chrome is given, and whether its times may be reported. */
import { existsSync } from 'node:fs';

/** `auto`: the machine's own if Chrome finds one, else emulated, which is said. */
export const ADAPTERS = ['auto', 'hardware', 'swiftshader'];

/** @typedef {'auto' | 'hardware' | 'swiftshader'} AdapterChoice */
/** @typedef {import('../../src/core/contracts/model.ts').DeviceReport} DeviceReport */

/**
 * WebGPU on a Linux machine needs Vulkan, which Chrome does not use by itself; a headless one has
 * no surface to draw to. Server cards are not on Chrome's list of tested ones.
 */
const VULKAN = ['--use-angle=vulkan', '--enable-features=Vulkan', '--disable-vulkan-surface'];

/**
 * Chrome's flags about graphics.
 * @param {Exclude<AdapterChoice, 'auto'>} adapter
 * @param {NodeJS.Platform} [platform]
 */
export function adapterFlags(adapter, platform = process.platform) {
  const webgpu = '--enable-unsafe-webgpu';
  if (adapter === 'swiftshader') return [webgpu, '--use-webgpu-adapter=swiftshader'];
  return [webgpu, '--ignore-gpu-blocklist', ...(platform === 'linux' ? VULKAN : [])];
}

/** Linux shows a graphics card as one of these; elsewhere only Chrome knows. */
export function mayHaveGpu(platform = process.platform) {
  const devices = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg', '/dev/kfd'];
  return platform !== 'linux' || devices.some((device) => existsSync(device));
}

/** As the page sees it. @typedef {{ isFallback: boolean, vendor: string, architecture: string, device: string, description: string }} Adapter */

/**
 * @param {Adapter | null} adapter
 * @returns {boolean} is it a real one? The same rule as in src/engine/adapter.ts.
 */
export function isHardware(adapter) {
  if (adapter === null || adapter.isFallback) return false;
  return !/swiftshader|llvmpipe|basic render/i.test(nameOf(adapter));
}

/** @param {Adapter} adapter */
function nameOf({ vendor, architecture, device, description }) {
  return [vendor, architecture, device, description].filter(Boolean).join(' ');
}

/**
 * Times of an emulated adapter must not pass for those of a card that was asked for.
 * @param {{ adapter: AdapterChoice, allowSoftware: boolean }} asked
 * @param {Pick<DeviceReport, 'used' | 'adapter' | 'fallback'> | null} device what the model ran on;
 *   null if Chrome shows no adapter
 * @returns {string | null} why there is no report; null if there may be one
 */
export function refusal({ adapter, allowSoftware }, device) {
  if (adapter !== 'hardware' || allowSoftware) return null;
  if (device?.used === 'webgpu' && !device.fallback) return null;
  const emulated = `Chrome emulates one in software (${device?.adapter ?? 'unnamed'})`;
  const instead = device?.used === 'wasm' ? 'the model ran on wasm' : emulated;
  return (
    `A hardware graphics adapter was asked for, but ${device ? instead : 'Chrome shows none'}; its times would say nothing ` +
    'about a graphics card. Are the driver and the Vulkan loader (libvulkan1) installed? ' +
    '--allow-software reports them nevertheless, marked.'
  );
}

/**
 * The same before a model is loaded, from the adapter that the page is shown.
 * @param {Parameters<typeof refusal>[0]} asked
 * @param {Adapter | null} adapter
 */
export function earlyRefusal(asked, adapter) {
  const found = adapter && {
    used: /** @type {const} */ ('webgpu'),
    adapter: nameOf(adapter),
    fallback: !isHardware(adapter),
  };
  return refusal(asked, found);
}

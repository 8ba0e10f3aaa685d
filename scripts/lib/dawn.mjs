/**
 * WebGPU in Node by Dawn's bindings (`webgpu`), for the engine without a browser. It is Dawn as
 * Chrome has it, but no browser: reports have to say so.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { findBrowser } from './browser.mjs';
import { installDawn } from './dawn-globals.mjs';

/** 51 MB to download, for five platforms: optional, so that whoever lacks them can do the rest. */
const PACKAGE = 'webgpu';

/** Where a browser's own Vulkan lies, with a driver in software. */
const BROWSER_FOLDERS = ['/usr/lib/chromium', '/opt/google/chrome'];

const DRIVER = 'vk_swiftshader_icd.json';

/**
 * Installs `navigator.gpu`. Starts this process once more where Vulkan has to be found first: the
 * loader looks for its libraries only when a process starts.
 * @returns {Promise<string>} the adapter's name
 * @throws Error that says what is missing
 */
export async function openDawn() {
  const adapter = await installDawn(loadBindings()).requestAdapter();
  if (!adapter) restartWithBrowsersVulkan();
  const { vendor, architecture, description } = adapter?.info ?? {};
  return [vendor, architecture, description].filter(Boolean).join(' ');
}

function loadBindings() {
  try {
    /** @type {{ create: (flags: string[]) => GPU, globals: object }} */
    const bindings = createRequire(import.meta.url)(PACKAGE);
    return bindings;
  } catch (cause) {
    throw new Error(
      `Dawn's bindings for Node are not installed: npm install ${PACKAGE}, an optional dependency`,
      { cause },
    );
  }
}

/** @returns {never} */
function restartWithBrowsersVulkan() {
  const folder = browserFolder();
  if (folder === undefined || process.env['ERGO_DAWN'] !== undefined) {
    throw new Error(
      'Dawn finds no Vulkan driver here. Install one (Debian 13: mesa-vulkan-drivers; older ones ' +
        'from backports), or a Chromium, whose software driver is used then.',
    );
  }
  const { status } = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: {
      ...process.env,
      ERGO_DAWN: folder,
      LD_LIBRARY_PATH: [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':'),
      VK_DRIVER_FILES: path.join(folder, DRIVER),
    },
  });
  process.exit(status ?? 1);
}

function browserFolder() {
  const browser = findBrowser();
  const folders = [...(browser ? [path.dirname(browser)] : []), ...BROWSER_FOLDERS];
  return folders.find((folder) => existsSync(path.join(folder, DRIVER)));
}

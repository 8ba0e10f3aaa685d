import { defineConfig } from '@playwright/test';
import { CHROME_FLAGS, findBrowser } from './scripts/lib/browser.mjs';

const port = Number(process.env['E2E_PORT'] ?? 4179);
const executablePath = findBrowser();

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.e2e.ts',
  outputDir: 'test-results',
  fullyParallel: false,
  // One page with a wasm engine of two threads already fills two cores.
  workers: 1,
  // Against hangs only: a run on wasm takes a minute where other work fills the cores.
  timeout: 300_000,
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    baseURL: `http://localhost:${port}/`,
    trace: 'retain-on-failure',
    launchOptions: { args: CHROME_FLAGS, ...(executablePath && { executablePath }) },
  },
  // The built site as it is shipped, not the development server.
  webServer: {
    command: `node scripts/serve.mjs --port ${port}`,
    url: `http://localhost:${port}/`,
    reuseExistingServer: false,
  },
});

/** What only a page knows of its browser. */

/**
 * Agent, cores, isolation and graphics adapter.
 * @param {import('@playwright/test').Page} page
 */
export function pageFacts(page) {
  return page.evaluate(async () => {
    /** @typedef {{ vendor: string, architecture: string, device: string, description: string, isFallbackAdapter?: boolean }} Info */
    /** @typedef {{ info: Info, isFallbackAdapter?: boolean, limits: Record<string, number> }} Adapter */
    const { gpu } = /** @type {{ gpu?: { requestAdapter(): Promise<Adapter | null> } }} */ (
      navigator
    );
    const adapter = await gpu?.requestAdapter().catch(() => null);
    const limit = (/** @type {string} */ name) => adapter?.limits[name] ?? 0;
    return {
      agent: navigator.userAgent,
      cores: navigator.hardwareConcurrency,
      isolated: crossOriginIsolated,
      adapter: adapter
        ? {
            vendor: adapter.info.vendor,
            architecture: adapter.info.architecture,
            device: adapter.info.device,
            description: adapter.info.description,
            isFallback: adapter.info.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false,
            maxBufferSize: limit('maxBufferSize'),
            maxStorageBufferBindingSize: limit('maxStorageBufferBindingSize'),
            maxComputeWorkgroupStorageSize: limit('maxComputeWorkgroupStorageSize'),
          }
        : null,
    };
  });
}

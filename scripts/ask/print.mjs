/** What `npm run ask` shows to people: the run as it happens. */

/** @typedef {import('../../src/core/contracts/automation.ts').AutomationEvent} AutomationEvent */
/** @typedef {import('../../src/core/run/events.ts').RunEvent} RunEvent */
/** @typedef {import('../../src/core/run/report.ts').RunReport} RunReport */

/**
 * Text to write for an event; empty for those that say nothing to people.
 * @param {AutomationEvent} event
 * @param {boolean} [isWatched] somebody sees it as it happens: how far a long prefill is
 * @returns {string}
 */
export function describe(event, isWatched = false) {
  switch (event.type) {
    case 'run':
      return describeRun(event.event, isWatched);
    case 'report':
      return `\n${describeReport(event.report)}\n`;
    case 'failed':
      return `\nfailed (${event.error.code}): ${event.error.message}\n`;
    case 'loading':
      return '';
  }
}

/** @param {RunEvent} event @param {boolean} isWatched @returns {string} */
function describeRun(event, isWatched) {
  // Most events say nothing to people.
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check
  switch (event.type) {
    case 'run-started':
      return `${event.picture.width} x ${event.picture.height}, ${event.model.id} ${event.model.dtype} on ${event.device.used}\n`;
    case 'stage-started':
      return `\n[${event.stage}] `;
    case 'picture-encoded':
      return `${event.tokens} tokens `;
    case 'prefilling':
      return isWatched ? `(read ${event.done} of ${event.total}) ` : '';
    case 'token':
      return event.step.text;
    case 'region-chosen': {
      const { x, y, width, height } = event.original;
      return `\nregion ${width} x ${height} at ${x}, ${y} (${event.source})`;
    }
    case 'notice':
      return `\nnote: ${event.notice.message}`;
    default:
      return '';
  }
}

/** @param {RunReport} report */
function describeReport({ answer, visionTokens, prefill, timings }) {
  const { coarse, crops, total, fullResolution } = visionTokens;
  const share = ((100 * total) / fullResolution).toFixed(0);
  const seconds = (timings.total / 1000).toFixed(2);
  return [
    `\nanswer: ${answer}`,
    `vision tokens: ${total} (coarse ${coarse}, crops ${crops}), ${share} % of full resolution's ${fullResolution}`,
    `prefilled ${prefill.new}, reused ${prefill.reused}, again ${prefill.recomputed}; ${seconds} s`,
  ].join('\n');
}

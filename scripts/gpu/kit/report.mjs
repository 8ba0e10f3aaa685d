/** results.jsonl of a kit as a page of Markdown, whatever of it there is. */

/**
 * A line of results.jsonl: what a task told, and what the driver adds.
 * @typedef {Partial<{
 *   task: string, done: boolean, error: string, stopped: string, skipped: string,
 *   adapter: string, driver: number | 'software',
 *   equal: boolean,
 *   step: string, tokens: number, milliseconds: number, rate: number,
 *   variant: string, after: number, perToken: number, ratio: number,
 *   item: number, answer: string, correct: boolean, timings: { total: number },
 *   peakBytes: number, cardMegabytes: number | null,
 * }>} Result
 */

/**
 * @param {{ kind: string, made: Record<string, string | null | undefined>, tasks: readonly { name: string }[] }} kit
 * @param {readonly Result[]} results
 */
export function reportOf({ kind, made, tasks }, results) {
  const where = kind === 'dawn' ? 'Dawn in Node, no browser' : 'a browser without a display';
  const driver = results.findLast((result) => 'driver' in result);
  const adapter = driver?.adapter ?? 'unknown';
  const software = driver?.driver === 'software';
  const lines = [
    `# ${adapter}: ${where}`,
    '',
    ...(software ? ['**Emulated in software: no time here says anything about a card.**', ''] : []),
    ...Object.entries(made).map(([name, value]) => `- ${name}: ${value}`),
    '',
  ];
  for (const { name } of tasks) {
    const told = results.filter(({ task }) => task === name);
    if (told.length === 0) continue;
    lines.push(`## ${name}`, '', ...sectionOf(told), '');
  }
  return lines.join('\n');
}

/** @param {readonly Result[]} results */
function sectionOf(results) {
  const lines = [];
  const goldens = results.filter((result) => 'equal' in result);
  if (goldens.length > 0) {
    const equal = goldens.filter((result) => result.equal === true).length;
    lines.push(`${equal} of ${goldens.length} golden histories gave the same tokens.`);
  }
  const speeds = results.filter((result) => 'step' in result);
  if (speeds.length > 0) {
    lines.push(
      '| step | tokens | milliseconds | tokens/s, or ratio |',
      '| --- | --- | --- | --- |',
    );
    for (const { step, tokens, milliseconds, rate } of speeds) {
      lines.push(`| ${step} | ${tokens} | ${round(milliseconds)} | ${round(rate)} |`);
    }
  }
  const levers = results.filter((result) => 'variant' in result);
  if (levers.length > 0) {
    lines.push('| lever | after | ms a token | times all levers |', '| --- | --- | --- | --- |');
    for (const { variant, after, perToken, ratio } of levers) {
      lines.push(`| ${variant} | ${after} | ${round(perToken)} | ${round(ratio)} |`);
    }
  }
  lines.push(...itemsOf(results));
  const peak = Math.max(0, ...results.map(({ peakBytes }) => peakBytes ?? 0));
  const card = results.find(({ cardMegabytes }) => cardMegabytes)?.cardMegabytes;
  if (peak > 0) lines.push('', `Peak memory of the process: ${Math.round(peak / 1e6)} MB.`);
  if (card) lines.push('', `Peak memory in use on the card: ${card} MB.`);
  for (const { stopped, error, skipped } of results) {
    const why = stopped ?? error ?? skipped;
    if (why) lines.push('', `Not finished: ${why}`);
  }
  return lines;
}

/** @param {readonly Result[]} results */
function itemsOf(results) {
  const items = results.filter((result) => 'item' in result);
  if (items.length === 0) return [];
  const answered = items.filter((result) => 'answer' in result);
  const right = answered.filter(({ correct }) => correct === true);
  const times = answered.map(({ timings }) => timings?.total ?? NaN).toSorted((a, b) => a - b);
  return [
    `${items.length} questions: ${answered.length} answered, ${right.length} right, median ${round(times[Math.floor(times.length / 2)])} ms.`,
  ];
}

/** @param {number | undefined} value */
function round(value = NaN) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '-';
}

/** Accuracy over vision tokens as SVG: the picture of the claim, up and to the left is better. */
import { bestCap, contenderOf } from './contender.ts';
import type { PolicySummary } from './summary.ts';

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 56;
const RIGHT = 24;
const TOP = 20;
const BOTTOM = 48;
const COLOURS = ['#0f766e', '#b45309', '#4338ca', '#be123c', '#475569', '#7e22ce'];

/** @returns a file of its own; policies of which no run finished are left out. One look at several caps is a line, its best cap ringed. */
export function accuracyChart(summary: Readonly<Record<string, PolicySummary>>): string {
  const points = Object.entries(summary).flatMap(([name, policy]) => {
    const { visionTokensMean: tokens, accuracy, ci95 } = policy;
    return tokens === null || accuracy === null || ci95 === null
      ? []
      : [{ name, tokens: Math.max(1, tokens), accuracy, ci95 }];
  });
  const decades = spanOf(points.map(({ tokens }) => tokens));
  // Budgets differ by orders of magnitude.
  const x = (tokens: number): number =>
    LEFT +
    ((WIDTH - LEFT - RIGHT) * (Math.log10(tokens) - decades.from)) / (decades.to - decades.from);
  const y = (share: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - share);
  const lines: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<title>Accuracy over vision tokens per picture</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
  ];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    lines.push(
      `<path d="M${LEFT} ${fixed(y(share))}H${WIDTH - RIGHT}" stroke="#e2e8f0"/>`,
      `<text x="${LEFT - 8}" y="${fixed(y(share) + 4)}" text-anchor="end">${share * 100} %</text>`,
    );
  }
  for (let decade = decades.from; decade <= decades.to; decade++) {
    const at = fixed(x(10 ** decade));
    lines.push(
      `<path d="M${at} ${TOP}V${HEIGHT - BOTTOM}" stroke="#e2e8f0"/>`,
      `<text x="${at}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${10 ** decade}</text>`,
    );
  }
  lines.push(
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">vision tokens per picture (mean); bars: 95 % interval</text>`,
  );
  const groups = [...new Set(points.map(({ name }) => groupOf(name)))];
  const best = bestCap(summary);
  const caps = points.filter(({ name }) => contenderOf(name).cap !== null);
  for (const group of new Set(caps.map(({ name }) => groupOf(name)))) {
    const line = caps
      .filter(({ name }) => groupOf(name) === group)
      .toSorted((a, b) => a.tokens - b.tokens)
      .map(({ tokens, accuracy }) => `${fixed(x(tokens))} ${fixed(y(accuracy))}`);
    const colour = colourOf(groups.indexOf(group));
    lines.push(`<path d="M${line.join('L')}" stroke="${colour}" fill="none"/>`);
  }
  for (const { name, tokens, accuracy, ci95 } of points) {
    const colour = colourOf(groups.indexOf(groupOf(name)));
    const at = x(tokens);
    if (name === best) {
      const centre = `cx="${fixed(at)}" cy="${fixed(y(accuracy))}"`;
      lines.push(`<circle ${centre} r="9" fill="none" stroke="${colour}" stroke-width="2"/>`);
    }
    if (contenderOf(name).cap !== null) {
      lines.push(
        ...pointOf(at, y(accuracy), [y(ci95[0]), y(ci95[1])], colour),
        `<text x="${fixed(at)}" y="${fixed(y(ci95[0]) + 14)}" fill="${colour}" text-anchor="middle">${labelOf(name, best)}</text>`,
      );
      continue;
    }
    // A label near the right edge goes to the left of its point.
    const isRight = at > WIDTH * 0.7;
    lines.push(
      ...pointOf(at, y(accuracy), [y(ci95[0]), y(ci95[1])], colour),
      `<text x="${fixed(at + (isRight ? -10 : 10))}" y="${fixed(y(accuracy) + 4)}" fill="${colour}" text-anchor="${isRight ? 'end' : 'start'}">${escaped(name)}</text>`,
    );
  }
  return [...lines, '</svg>', ''].join('\n');
}

function pointOf(
  x: number,
  y: number,
  interval: readonly [number, number],
  colour: string,
): readonly string[] {
  return [
    `<path d="M${fixed(x)} ${fixed(interval[0])}V${fixed(interval[1])}" stroke="${colour}" stroke-width="2"/>`,
    `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="5" fill="${colour}"/>`,
  ];
}

/** Caps of one look, on one engine, belong together. */
function groupOf(name: string): string {
  return name
    .split('@')
    .filter((part) => !/^\d+$/.test(part))
    .join('@');
}

/** The best cap says the line's name, too. */
function labelOf(name: string, best: string | null): string {
  const cap = String(contenderOf(name).cap ?? '');
  return name === best ? `best cap of one look: ${cap}` : cap;
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#000';
}

/** Whole decades around all values. */
function spanOf(tokens: readonly number[]): { readonly from: number; readonly to: number } {
  if (tokens.length === 0) return { from: 1, to: 4 };
  const from = Math.floor(Math.log10(Math.min(...tokens)));
  return { from, to: Math.max(from + 1, Math.ceil(Math.log10(Math.max(...tokens)))) };
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

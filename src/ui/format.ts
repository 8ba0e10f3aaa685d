/** Numbers and answers for people. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function count(value: number): string {
  return whole.format(value);
}

/** @param value milliseconds */
export function duration(value: number): string {
  if (value < 1000) return `${Math.round(value)} ms`;
  return `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} s`;
}

/** @param value bytes, in powers of 1000 */
export function bytes(value: number): string {
  if (value < 1e3) return `${value} B`;
  if (value < 1e6) return `${Math.round(value / 1e3)} kB`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e9).toFixed(2)} GB`;
}

/** "7.3×", "34×" */
export function times(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}×`;
}

/** An answer as it is shown; a model can also say nothing. */
export function said(answer: string): string {
  return answer === '' ? 'No answer' : answer;
}

/** "40 s", "3 min", "1 h 20 min" @param value seconds */
export function clock(value: number): string {
  const seconds = Math.max(1, Math.round(value));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

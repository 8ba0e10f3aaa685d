/** Work that reports while it goes on, as an async generator of its reports. */

/**
 * Whoever leaves early waits for the work all the same: what it makes has an owner only then.
 * @param begin is called at once
 */
export async function* reported<Report, Result>(
  begin: (report: (value: Report) => void) => Promise<Result>,
): AsyncGenerator<Report, Result, undefined> {
  const waiting: Report[] = [];
  let wake: (() => void) | undefined;
  let isOver = false;
  const work = begin((value) => {
    waiting.push(value);
    wake?.();
  });
  const settle = (): void => {
    isOver = true;
    wake?.();
  };
  const settled = work.then(settle, settle);
  try {
    for (;;) {
      for (let value = waiting.shift(); value !== undefined; value = waiting.shift()) yield value;
      if (isOver) return await work;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    await settled;
  }
}

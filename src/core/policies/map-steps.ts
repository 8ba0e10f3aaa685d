/**
 * An async generator with every value translated and its result kept. Ending the outer one early
 * ends the inner one, which is how a generation is cancelled.
 */
export async function* mapSteps<T, U, R>(
  source: AsyncGenerator<T, R, undefined>,
  translate: (value: T) => U,
): AsyncGenerator<U, R, undefined> {
  let isOver = false;
  try {
    for (;;) {
      const next = await source.next();
      if (next.done === true) {
        isOver = true;
        return next.value;
      }
      yield translate(next.value);
    }
  } catch (thrown) {
    isOver = true;
    throw thrown;
  } finally {
    // Nobody reads the result of a generation that was ended early.
    if (!isOver) await source.return(undefined as never);
  }
}

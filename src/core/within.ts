/** Waiting that ends: whoever holds what is to be given back may hang, or be gone without a word. */

/** Milliseconds. What is not given back by then is given back later, or ends with its worker. */
export const GIVING_BACK = 3000;

/** @returns what the work comes to; null if it fails or is not done in time */
export async function within<T>(work: Promise<T>, milliseconds = GIVING_BACK): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  const result = await Promise.race([work.catch(() => null), limit]);
  clearTimeout(timer);
  return result;
}

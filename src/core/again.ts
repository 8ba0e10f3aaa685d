/**
 * Scripts that did not arrive. A chunk that is lost once must not stay lost: it is asked for again,
 * after pauses that grow.
 */
import { ErgoError } from './errors.ts';
import { sleep } from './sleep.ts';

/** Milliseconds before the second, third and fourth attempt. */
export const PAUSES: readonly number[] = [500, 2000, 5000];

/** What browsers say of a script (Chromium, Firefox, Safari) that could not be fetched. */
const LOST =
  /dynamically imported module|Importing a module script failed|disallowed MIME type|error loading module/i;

/** Chromium and Firefox name it. */
const ADDRESS = /https?:\/\/\S+\.m?js/;

export interface AgainParts {
  readonly pauses: readonly number[];
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Imports what lies at an address. */
  readonly importAt: (url: string) => Promise<unknown>;
}

const REAL: AgainParts = {
  pauses: PAUSES,
  sleep,
  // oxlint-disable-next-line rooms/late-imports -- one attempt of importAgain
  importAt: (url) => import(/* @vite-ignore */ url),
};

/**
 * The module that `load` imports. Every further attempt asks at the same address first, and then at
 * a fresh one: some browsers remember a failed address for as long as the page lives, and so does
 * an HTTP cache that was given a sign-in page to keep. Not the fresh one alone, because others may
 * import the same script, and there must be one of it.
 * @throws ErgoError `download-interrupted` if it does not arrive; what the module itself throws
 */
export async function importAgain<T>(
  load: () => Promise<T>,
  { pauses, sleep, importAt }: AgainParts = REAL,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const lost = await caught(load);
    if ('module' in lost) return lost.module;
    const address = attempt > 0 ? ADDRESS.exec(lost.message)?.[0] : undefined;
    if (address !== undefined) {
      const fresh = await caught(() => importAt(freshAddress(address, attempt)) as Promise<T>);
      if ('module' in fresh) return fresh.module;
    }
    const pause = pauses[attempt];
    if (pause === undefined) {
      const message = 'A script of the page did not arrive.';
      throw new ErgoError('download-interrupted', message, { cause: lost });
    }
    await sleep(pause);
  }
}

/** The same file under another name. Static hosts do not look at what stands after the `?`. */
export function freshAddress(url: string, attempt: number): string {
  return `${url}${url.includes('?') ? '&' : '?'}again=${attempt}`;
}

/** Is this what a browser throws when a script cannot be fetched? */
export function isLostScript(thrown: unknown): thrown is Error {
  return thrown instanceof Error && LOST.test(thrown.message);
}

/** @throws what is no loss */
async function caught<T>(load: () => Promise<T>): Promise<{ readonly module: T } | Error> {
  try {
    return { module: await load() };
  } catch (thrown) {
    if (!isLostScript(thrown)) throw thrown;
    return thrown;
  }
}

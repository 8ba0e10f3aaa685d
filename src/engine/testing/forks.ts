/**
 * Histories that share a cache, tried as a caller sees them: a fork after every token, one of each
 * pair going its own way, and each held to a history that was prefilled anew. Runs in Node and in a
 * page, on any device.
 */
import type { Context, TokenAlternative, VisionLanguageModel } from '../../core/contracts/model.ts';
import { hasCode } from '../../core/errors.ts';

export interface ForksCase {
  readonly prompt: string;
  /** What a fork goes on with, in place of the next token. */
  readonly other: string;
  /** Tokens, with a fork after each. */
  readonly steps: number;
  /** Every how many tokens both sides are held to a fresh history; 1: after each. */
  readonly every?: number;
}

export interface ForksReport {
  readonly forks: number;
  /** Histories that were prefilled anew and compared. */
  readonly compared: number;
  /** Those whose words were other ones when they were read back, so that nothing could be compared. */
  readonly unread: number;
  /** Greedy tokens were the same in all of them. */
  readonly tokensEqual: boolean;
  /** Largest difference of a log-probability among the five likeliest words. */
  readonly difference: number;
  /** What was read of a fork when it was made is bit for bit what it says at the end. */
  readonly kept: boolean;
  /** Bytes of keys and values while all of them were there, beyond those before. */
  readonly held: number;
  /** And after all of them were released. */
  readonly left: number;
}

const ALTERNATIVES = 5;

export async function proveForks(
  model: VisionLanguageModel,
  { prompt, other, steps, every = 1 }: ForksCase,
): Promise<ForksReport> {
  const before = (await model.memory()).keyValues;
  const report = { compared: 0, unread: 0, tokensEqual: true, difference: 0, kept: true };
  const forks: { context: Context; told: readonly TokenAlternative[] }[] = [];
  const { context, length } = await model.extend(null, [{ type: 'text', text: prompt }]);
  let said = '';

  /** What follows, without a trace in the context itself. */
  async function next(of: Context): Promise<readonly TokenAlternative[]> {
    const probe = await model.fork(of);
    const told = await model
      .generate(probe, { maxNewTokens: 1, alternatives: ALTERNATIVES })
      .next();
    await model.release(probe);
    if (told.done) throw new Error('nothing was generated');
    return told.value.alternatives;
  }

  async function compare(text: string, tokens: number, found: readonly TokenAlternative[]) {
    const fresh = await model.extend(null, [{ type: 'text', text }]);
    const expected = fresh.length === tokens ? await next(fresh.context) : null;
    await model.release(fresh.context);
    if (expected === null) {
      report.unread++;
      return;
    }
    report.compared++;
    report.tokensEqual &&= found[0]?.id === expected[0]?.id;
    for (const { id, logProbability } of expected) {
      const ours = found.find((candidate) => candidate.id === id)?.logProbability ?? logProbability;
      report.difference = Math.max(report.difference, Math.abs(ours - logProbability));
    }
  }

  async function divert(fork: Context) {
    return await model.extend(fork, [{ type: 'text', text: other }]);
  }

  for (let step = 1; step <= steps; step++) {
    const fork = await model.fork(context);
    // The first to write gets the room behind the shared rows; each side is first in turn.
    const isForkFirst = step % 2 === 0;
    const from = said;
    let diverted = isForkFirst ? await divert(fork) : null;
    const told = await model.generate(context, { maxNewTokens: 1 }).next();
    if (told.done) throw new Error('nothing was generated');
    said += told.value.text;
    diverted ??= await divert(fork);
    const theirs = await next(fork);
    forks.push({ context: fork, told: theirs });
    if (step % every === 0 || step === steps) {
      await compare(prompt + said, length + step, await next(context));
      await compare(prompt + from + other, diverted.length, theirs);
    }
  }
  for (const { context: fork, told } of forks) {
    const again = await next(fork);
    report.kept &&= JSON.stringify(again) === JSON.stringify(told);
  }
  const held = (await model.memory()).keyValues - before;
  for (const { context: fork } of forks) await model.release(fork);
  await model.release(context);
  const left = (await model.memory()).keyValues - before;
  return { ...report, forks: forks.length, held, left };
}

export interface CancelReport {
  /** The code of what a cancelled call threw. */
  readonly code: string;
  /** Tokens of the context before and after it. */
  readonly length: readonly [number, number];
  /** What follows is bit for bit what followed before. */
  readonly kept: boolean;
  /** Bytes of keys and values after the context was released, beyond those before. */
  readonly left: number;
}

/** Cancels a long extension once it has begun: the context has to be as it was. */
export async function proveCancel(
  model: VisionLanguageModel,
  { prompt, long, after }: { prompt: string; long: string; after: number },
): Promise<CancelReport> {
  const before = (await model.memory()).keyValues;
  const options = { maxNewTokens: 1, alternatives: ALTERNATIVES };
  const { context, length } = await model.extend(null, [{ type: 'text', text: prompt }]);
  const probe = await model.fork(context);
  const told = await model.generate(probe, options).next();
  await model.release(probe);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), after);
  let code = 'none';
  try {
    await model.extend(context, [{ type: 'text', text: long }], controller.signal);
  } catch (thrown) {
    code = hasCode(thrown, 'cancelled') ? 'cancelled' : String(thrown);
  } finally {
    clearTimeout(timer);
  }
  const again = await model.generate(context, options).next();
  const { reused } = await model.extend(context, []);
  const kept = JSON.stringify(again.value) === JSON.stringify(told.value);
  await model.release(context);
  const left = (await model.memory()).keyValues - before;
  return { code, length: [length, reused], kept, left };
}

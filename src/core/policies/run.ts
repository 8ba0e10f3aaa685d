/** The frame around every policy: first and last event, clock, errors, and giving back. */
import type { Context } from '../contracts/model.ts';
import type { ModelProfile } from '../contracts/profile.ts';
import { toErgoError, toWire } from '../errors.ts';
import { smartResize } from '../geometry/resize.ts';
import { chosenOption } from '../protocol/options.ts';
import { parseAnswer, parseThinking } from '../protocol/reply.ts';
import type { NoticeCode, PolicyName, RunEvent, RunEventBody, StageName } from '../run/events.ts';
import { createWitness } from '../world/witness.ts';
import { heldBudgets } from './held.ts';
import { createHoldings, type Holdings } from './holdings.ts';
import type { Policy, PolicyEnvironment, RunInput } from './policy.ts';
import { Stage } from './stage.ts';

/** What the body of a policy works with. */
export interface Run extends PolicyEnvironment {
  readonly input: RunInput;
  readonly profile: ModelProfile;
  readonly holdings: Holdings;
  /** Begins a stage; its clock starts now. */
  stage(name: StageName): Stage;
  /** A second context that shares what there is; released with the run. */
  fork(context: Context): Promise<Context>;
  /** What a view of the picture needs. */
  viewing(budget: number): {
    readonly budget: number;
    readonly preview: boolean;
    readonly statistics: boolean;
    readonly signal: AbortSignal | undefined;
  };
}

export type Events = AsyncGenerator<RunEventBody, void, undefined>;

/** @param body throws freely; its errors become `run-failed` */
export function createPolicy(name: PolicyName, body: (run: Run) => Events): Policy {
  return async function* policy(input, environment) {
    const { aheadMs = 0 } = environment;
    const started = (environment.started ?? environment.now()) - aheadMs;
    const stamped = (event: RunEventBody): RunEvent => ({
      ...event,
      at: environment.now() - started,
    });
    const held = { ...input, budgets: heldBudgets(environment.model.info, input.budgets) };
    const holdings = createHoldings(environment.model, environment.picture);
    let last: RunEventBody = { type: 'run-finished' };
    try {
      const { fallback, fallbackReason } = environment.model.info.device;
      yield stamped(startedEvent(name, held, environment));
      if (fallback) yield stamped(notice('device-fallback', fallbackReason ?? SOFTWARE));
      const witness = createWitness(environment.model.info.profile.world, wholeQuestion(input));
      for await (const event of body(createRun(held, environment, holdings))) {
        yield stamped(witness.see(event));
      }
      const doubt = witness.notice();
      if (doubt) yield stamped({ type: 'notice', notice: doubt });
    } catch (thrown) {
      last = { type: 'run-failed', error: toWire(toErgoError(thrown)) };
    } finally {
      await holdings.releaseAll();
    }
    yield stamped(last);
  };
}

function wholeQuestion({ question, options }: RunInput): string {
  return [question, ...options].join('\n');
}

const SOFTWARE = 'The graphics device is emulated in software; times say little.';

function createRun(input: RunInput, environment: PolicyEnvironment, holdings: Holdings): Run {
  const { model, signal } = environment;
  const { profile } = model.info;
  const asked = { preview: input.previews ?? false, statistics: profile.world !== null, signal };
  return {
    model,
    signal,
    picture: environment.picture,
    now: () => environment.now(),
    input,
    holdings,
    profile,
    stage: (name) => new Stage(name, input, environment, holdings),
    fork: async (context) =>
      holdings.context(await model.fork(context, signal), holdings.tokensOf(context)),
    viewing: (budget) => ({ budget, ...asked }),
  };
}

function startedEvent(
  policy: PolicyName,
  { question, options, budgets }: RunInput,
  { model, picture, aheadMs = 0 }: PolicyEnvironment,
): RunEventBody {
  const { profile, dtype, device } = model.info;
  const baseline = smartResize(picture.info, {
    ...profile.image,
    maxTokens: budgets.fullResolution,
  });
  return {
    type: 'run-started',
    policy,
    question,
    options,
    picture: picture.info,
    model: { id: profile.id, dtype },
    device,
    budgets,
    fullResolutionTokens: baseline.tokens,
    aheadMs,
  };
}

export function notice(code: NoticeCode, message: string): RunEventBody {
  return { type: 'notice', notice: { code, message } };
}

/** The answer in what the model wrote last. */
export function* answered(run: Run, text: string): Generator<RunEventBody, void, undefined> {
  const { text: answer, tagged } = parseAnswer(text);
  if (!tagged && run.profile.replies === 'tags') {
    yield notice('answer-untagged', 'The model marked no answer; its text is taken.');
  }
  if (answer === '') yield notice('answer-empty', 'The model said nothing; ask it differently.');
  const letter = chosenOption(answer, run.input.options);
  yield {
    type: 'answered',
    answer: { text: answer, letter, thinking: parseThinking(text), confidence: null },
  };
}

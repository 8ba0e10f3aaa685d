/** One look at the picture: views, prefill, text, and what they cost. */
import type { Context, EncodedPicture, Extended, Generated, Part } from '../contracts/model.ts';
import type { PictureView } from '../contracts/pictures.ts';
import { throwIfCancelled } from '../errors.ts';
import type { RunEventBody, StageName, StageTimings } from '../run/events.ts';
import { mapSteps } from './map-steps.ts';
import type { Holdings } from './holdings.ts';
import type { PolicyEnvironment, RunInput } from './policy.ts';
import { reported } from './reported.ts';

type Events<T> = AsyncGenerator<RunEventBody, T, undefined>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class Stage {
  readonly name: StageName;
  private readonly input: RunInput;
  private readonly environment: PolicyEnvironment;
  private readonly holdings: Holdings;
  private readonly started: number;
  private visionTokens = 0;
  private prefilled = 0;
  private reused: number | null = null;
  private recomputed = 0;
  private generatedTokens = 0;
  private readonly timings: Mutable<StageTimings> = {
    decodeImage: 0,
    resize: 0,
    patchify: 0,
    encode: 0,
    prefill: 0,
    ttft: 0,
    decode: 0,
    total: 0,
  };

  constructor(name: StageName, input: RunInput, environment: PolicyEnvironment, held: Holdings) {
    this.name = name;
    this.input = input;
    this.environment = environment;
    this.holdings = held;
    this.started = environment.now();
  }

  get startedEvent(): RunEventBody {
    return { type: 'stage-started', stage: this.name };
  }

  /** Shows a view to the vision encoder. */
  async *look(view: PictureView): Events<EncodedPicture> {
    const { model, signal } = this.environment;
    this.timings.decodeImage += view.timings.decode;
    this.timings.resize += view.timings.resize;
    this.timings.patchify += view.timings.patchify;
    const { patches } = view;
    this.holdings.patches(patches);
    yield { type: 'picture-viewed', stage: this.name, view };
    const picture = this.holdings.picture(await model.encode(patches, signal), patches);
    if (picture.reused) return picture;
    const { tokens } = picture.size;
    this.visionTokens += tokens;
    this.timings.encode += picture.milliseconds;
    const { milliseconds } = picture;
    yield { type: 'picture-encoded', stage: this.name, tokens, milliseconds };
    return picture;
  }

  /** Prefills parts. What was in the context before the stage's first call counts as reused. */
  async *extend(context: Context | null, parts: readonly Part[]): Events<Context> {
    const { model, signal } = this.environment;
    const { name: stage } = this;
    const held = context ? this.holdings.tokensOf(context) : 0;
    const extended = yield* reported<RunEventBody, Extended>(async (report) => {
      const told = (done: number, total: number): void =>
        report({ type: 'prefilling', stage, done, total });
      const result = await model.extend(context, parts, signal, told);
      this.holdings.context(result.context, result.length);
      return result;
    });
    this.prefilled += extended.prefilled;
    if (this.reused === null) {
      this.reused = extended.reused;
      this.recomputed = Math.max(0, held - extended.reused);
    }
    this.timings.prefill += extended.milliseconds;
    return extended.context;
  }

  /**
   * Lets the model write; each token is an event.
   * @param onText called with all of the text so far, token by token
   */
  async *write(context: Context, onText?: (text: string) => void): Events<Generated> {
    const { model, signal } = this.environment;
    throwIfCancelled(signal);
    const { name: stage, prefilled, timings } = this;
    const reused = this.reused ?? 0;
    yield { type: 'prefilled', stage, prefilled, reused, milliseconds: timings.prefill };
    const steps = model.generate(context, {
      maxNewTokens: this.input.maxNewTokens ?? model.info.profile.maxNewTokens,
      alternatives: this.input.alternatives ?? 0,
      signal,
    });
    let text = '';
    const result = yield* mapSteps(steps, (step): RunEventBody => {
      text += step.text;
      onText?.(text);
      if (step.index === 0) timings.ttft = this.environment.now() - this.started;
      return { type: 'token', stage, step };
    });
    // Next to nothing, but for a model that prefills only now (src/peer).
    timings.prefill += result.firstTokenMilliseconds;
    timings.decode += result.decodeMilliseconds;
    const written = result.tokenIds.length;
    this.generatedTokens += written;
    // The last token was chosen, but need not have been run.
    const tokens = this.holdings.tokensOf(context) + Math.max(0, written - 1);
    this.holdings.context(context, tokens);
    yield { type: 'generated', stage, result };
    if (result.stop === 'length') {
      const message = 'The model was stopped at the limit of tokens; its text is cut off.';
      yield { type: 'notice', notice: { code: 'text-truncated', message } };
    }
    return result;
  }

  /** The last event of a stage. */
  measured(): RunEventBody {
    const { name: stage, visionTokens, prefilled, recomputed, generatedTokens } = this;
    const timings = { ...this.timings, total: this.environment.now() - this.started };
    const reused = this.reused ?? 0;
    return {
      type: 'stage-measured',
      measure: { stage, visionTokens, prefilled, reused, recomputed, generatedTokens, timings },
    };
  }
}

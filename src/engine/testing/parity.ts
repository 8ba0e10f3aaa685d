/**
 * A fixture of `training/fixtures`, replayed through the engine as the app uses it, and held to what
 * Hugging Face's class computed. Runs in Node and in a page; `training/fixtures/golden.py` has the
 * layout of golden.json.
 */
import type { Context, EncodedPicture, Part } from '../../core/contracts/model.ts';
import type { PatchesId } from '../../core/contracts/pictures.ts';
import type { PatchInbox } from '../inbox.ts';
import type { LocalModel } from '../vlm.ts';

interface Stored {
  readonly file: string;
  readonly shape: readonly number[];
}

interface Stage {
  readonly name: string;
  readonly from: string | null;
  readonly parts: readonly (
    { readonly text: string; readonly ids: readonly number[] } | { readonly picture: number }
  )[];
  readonly logits: Stored;
  readonly generated: { readonly tokens: readonly number[]; readonly logits: Stored } | null;
}

export interface ParityGolden {
  readonly family: string;
  readonly pictures: readonly {
    readonly width: number;
    readonly height: number;
    readonly grid: readonly [1, number, number];
    readonly tokens: number;
    readonly pixels: Stored;
  }[];
  readonly stages: readonly Stage[];
}

export interface ParityReport {
  /** Largest relative error of any of the rows below. */
  readonly logits: number;
  /** By stage: of the row after its last part, and of the rows after each greedy token. */
  readonly errors: Readonly<Record<string, number>>;
  readonly tokensEqual: boolean;
  /** By stage, greedy: the golden ones, and the first that is another one. */
  readonly tokens: Readonly<Record<string, readonly number[]>>;
  /** Contexts forked and kept give bit for bit what a fresh one gives. */
  readonly forkExact: boolean;
  /** Tokens that went through the decoder although their context held them. */
  readonly prefilledTwice: number;
}

export interface ParityParts {
  readonly golden: ParityGolden;
  /** Float32, little-endian; by path relative to golden.json. */
  readonly read: (file: string) => Promise<ArrayBuffer>;
  readonly model: LocalModel;
  readonly inbox: PatchInbox;
}

export async function replayGolden({
  golden,
  read,
  model,
  inbox,
}: ParityParts): Promise<ParityReport> {
  const errors: Record<string, number> = {};
  const tokens: Record<string, number[]> = {};
  let prefilledTwice = 0;
  let tokensEqual = true;
  let forkExact = true;

  async function encode(index: number): Promise<EncodedPicture> {
    const picture = golden.pictures[index];
    if (!picture) throw new Error(`no picture ${index}`);
    const id = `parity-${index}` as PatchesId;
    const [rows = 0, values = 0] = picture.pixels.shape;
    const data = new Float32Array(await read(picture.pixels.file));
    inbox.receive({ kind: 'patches', id, data, dims: [rows, values], grid: picture.grid });
    const merge = model.info.profile.image.mergeSize;
    const grid = { rows: picture.grid[1] / merge, columns: picture.grid[2] / merge };
    const { width, height, tokens } = picture;
    return await model.encode({ id, kind: 'coarse', size: { width, height, tokens, grid } });
  }

  const pictures = await Promise.all(golden.pictures.map((_, index) => encode(index)));

  /** Appends a stage. @returns the context, and how many of its tokens were not new */
  async function extend(from: Context | null, { parts }: Stage) {
    const added = parts.map((part): Part => {
      if ('text' in part) return { type: 'text', text: part.text };
      const picture = pictures[part.picture];
      if (!picture) throw new Error(`no picture ${part.picture}`);
      return { type: 'picture', picture };
    });
    const tokens = parts.reduce(
      (sum, part) =>
        sum + ('text' in part ? part.ids.length : (golden.pictures[part.picture]?.tokens ?? 0)),
      0,
    );
    const { context, prefilled } = await model.extend(from, withoutMarkers(added));
    return { context, twice: prefilled - tokens };
  }

  async function compare(name: string, context: Context, stored: Stored, row = 0): Promise<void> {
    const [, width = 0] = stored.shape;
    const all = new Float32Array(await read(stored.file));
    const expected = all.subarray(row * width, (row + 1) * width);
    const error = relativeError(await model.logits(context), expected);
    errors[name] = Math.max(errors[name] ?? 0, error);
  }

  /** Greedy, beyond stop tokens; rows are compared for as long as the histories are the same. */
  async function generate(context: Context, name: string, golden: NonNullable<Stage['generated']>) {
    const said = (tokens[name] = [] as number[]);
    for (const [i, expected] of golden.tokens.entries()) {
      const { value } = await model.generate(context, { maxNewTokens: 1 }).next();
      if (!value || !('id' in value)) return false;
      said.push(value.id);
      if (value.id !== expected) return false;
      await compare(`${name}, generated`, context, golden.logits, i);
    }
    return true;
  }

  const ends = new Map<string, Context>();
  for (const stage of golden.stages) {
    const kept = stage.from === null ? null : (ends.get(stage.from) ?? null);
    const from = kept && (await model.fork(kept));
    const { context, twice } = await extend(from, stage);
    prefilledTwice += twice;
    ends.set(stage.name, context);
    await compare(stage.name, context, stage.logits);
    const reached = await model.logits(context);
    // A context of its own, in the same steps, that shares nothing with the others.
    const steps = golden.stages.filter(({ name }) => name === stage.from).concat(stage);
    let fresh: Context | null = null;
    for (const step of steps) ({ context: fresh } = await extend(fresh, step));
    if (fresh) forkExact &&= isEqual(reached, await model.logits(fresh));
    if (fresh) await model.release(fresh);
    if (!stage.generated) continue;
    const fork = await model.fork(context);
    tokensEqual &&= await generate(fork, stage.name, stage.generated);
    await model.release(fork);
    forkExact &&= isEqual(reached, await model.logits(context));
  }
  for (const context of ends.values()) await model.release(context);
  for (const picture of pictures) await model.releasePicture(picture);
  const logits = Math.max(...Object.values(errors));
  return { logits, errors, tokensEqual, tokens, forkExact, prefilledTwice };
}

/** The engine writes a picture's two markers itself; the fixtures have them in the texts around it. */
function withoutMarkers(parts: readonly Part[]): Part[] {
  return parts.map((part, i) => {
    if (part.type !== 'text') return part;
    const before = parts[i - 1]?.type === 'picture';
    const after = parts[i + 1]?.type === 'picture';
    let { text } = part;
    if (before) text = text.replace(/^<\|vision_end\|>/, '');
    if (after) text = text.replace(/<\|vision_start\|>$/, '');
    return { type: 'text', text };
  });
}

/** Largest difference, of the largest value; NaN counts as infinite. */
function relativeError(values: Float32Array, expected: Float32Array): number {
  if (values.length !== expected.length) return Infinity;
  let difference = 0;
  let largest = 0;
  for (const [i, value] of expected.entries()) {
    const distance = Math.abs((values[i] ?? NaN) - value);
    difference = Number.isNaN(distance) ? Infinity : Math.max(difference, distance);
    largest = Math.max(largest, Math.abs(value));
  }
  return difference / largest;
}

function isEqual(one: Float32Array, other: Float32Array): boolean {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}

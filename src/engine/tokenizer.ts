/** Text to token ids and back, by transformers.js from the files of the model; no network. */
import { importAgain } from '../core/again.ts';
import { ErgoError } from '../core/errors.ts';
import { z } from '../core/zod.ts';

export interface Tokenizer {
  /** Special tokens written in the text become those tokens; nothing is added. */
  encode(text: string): number[];
  /** Tags and special tokens are kept. */
  decode(ids: readonly number[]): string;
  /** Texts of all special and added tokens, which `encode` finds wherever they stand. */
  readonly specials: readonly string[];
  /** The id of a token by its text, or null if it is no single token. */
  idOf(token: string): number | null;
}

/**
 * @param tokenizerJson bytes of tokenizer.json
 * @param configJson bytes of tokenizer_config.json
 * @throws ErgoError `weights-corrupt` if they cannot be read, `download-interrupted` if the script
 *   that reads them does not arrive
 */
export async function openTokenizer(
  tokenizerJson: Uint8Array,
  configJson: Uint8Array,
): Promise<Tokenizer> {
  // Half a megabyte of script that is only needed now, while the weights are on their way.
  const { PreTrainedTokenizer } = await importAgain(() => import('@huggingface/transformers'));
  let tokenizer: InstanceType<typeof PreTrainedTokenizer>;
  let specials: string[];
  try {
    const json = parse(tokenizerJson);
    tokenizer = new PreTrainedTokenizer(json, parse(configJson));
    specials = withAdded.parse(json).added_tokens.map(({ content }) => content);
  } catch (cause) {
    throw new ErgoError('weights-corrupt', 'tokenizer.json cannot be read.', { cause });
  }
  const encode = (text: string): number[] =>
    text === '' ? [] : tokenizer.encode(text, { add_special_tokens: false });
  return {
    encode,
    specials,
    decode: (ids) =>
      ids.length === 0 ? '' : tokenizer.decode([...ids], { skip_special_tokens: false }),
    idOf(token) {
      const ids = encode(token);
      return ids.length === 1 ? (ids[0] ?? null) : null;
    },
  };
}

const withAdded = z.object({ added_tokens: z.array(z.object({ content: z.string() })) });

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** What the datasets that come as parquet files have in common: a question per row, beside its picture. */
import { ErgoError } from '../errors.ts';
import { chosenOption } from '../protocol/options.ts';
import { splitQuestion, withOptions } from '../protocol/question.ts';
import { UnfitLabel, type BenchItem } from './item.ts';
import { z } from '../zod.ts';

/** A row without its picture. */
export type RowItem = Pick<BenchItem, 'id' | 'text' | 'options' | 'label' | 'category'>;

export interface ParquetFormat {
  readonly name: string;
  /** Is each file a benchmark of its own, or a part of one? */
  readonly file: 'whole' | 'part';
  /** Columns that tell it from the other formats: any of them will do. */
  readonly marks: readonly string[];
  /** Column of the pictures, as base64 text. */
  readonly picture: string;
  /** Columns that `item` reads. */
  readonly columns: readonly string[];
  /**
   * @param where the row is, for the message
   * @throws ErgoError `dataset-unreadable`; UnfitLabel if only the label is
   */
  item(row: unknown, where: string): RowItem;
}

/** Writers differ in how they store small whole numbers. */
export const cell = z.union([z.string(), z.number(), z.bigint()]).transform(String);

/** "B", "(b)", "B."; whatever else stands there is held to the options as it is. */
export const letter = cell.transform(
  (text) => /^\s*\(?([A-Za-z])[).]?\s*$/.exec(text)?.[1]?.toUpperCase() ?? text,
);

export function defineFormat<S extends z.ZodRawShape>({
  shape,
  item,
  ...format
}: Pick<ParquetFormat, 'name' | 'file' | 'marks' | 'picture'> & {
  readonly shape: S;
  readonly item: (row: z.infer<z.ZodObject<S>>) => RowItem;
}): ParquetFormat {
  const schema = z.object(shape);
  return {
    ...format,
    columns: Object.keys(shape),
    item(row, where) {
      const result = schema.safeParse(row);
      if (result.success) {
        const read = item(result.data);
        if (read.options.length === 0 || chosenOption(read.label, read.options) !== null)
          return read;
        throw new UnfitLabel(where, read.label, read.options);
      }
      const [issue] = result.error.issues;
      const place = `${where}, column "${String(issue?.path[0] ?? '')}"`;
      throw new ErgoError('dataset-unreadable', `${place}: ${issue?.message ?? 'unreadable'}`, {
        cause: result.error,
      });
    },
  };
}

/** @param options in the order of their letters */
export function asked(
  question: string,
  options: readonly string[],
): Pick<RowItem, 'text' | 'options'> {
  // A line of a question could pass for an option, or be taken for the whole of it.
  const text = withOptions({ question: oneLine(question), options: options.map(oneLine) });
  return { text, options: splitQuestion(text).options };
}

/**
 * "(B) x", "(A) y" without their letters and in the order of them; options without letters as they
 * stand.
 * @throws ErgoError `dataset-unreadable` if only some have letters, or one comes twice
 */
export function byLetter(options: readonly string[]): readonly string[] {
  if (!options.some((option) => /^\s*\([A-Z]\)/.test(option))) return options;
  const sorted = splitQuestion(options.map(oneLine).join('\n')).options;
  if (sorted.length === options.length) return sorted;
  const told = `The letters of the options leave one out or come twice: ${options.join(', ')}.`;
  throw new ErgoError('dataset-unreadable', told);
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

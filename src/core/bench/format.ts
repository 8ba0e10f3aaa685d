/** What the datasets that come as parquet files have in common: a question per row, beside its picture. */
import { z } from 'zod';
import { ErgoError } from '../errors.ts';
import { splitQuestion, withOptions } from '../protocol/question.ts';
import type { BenchItem } from './item.ts';

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
   * @throws ErgoError `dataset-unreadable`
   */
  item(row: unknown, where: string): RowItem;
}

/** Writers differ in how they store small whole numbers. */
export const cell = z.union([z.string(), z.number(), z.bigint()]).transform(String);

export const letter = z.string().regex(/^[A-Z]$/, { error: 'is no letter of an option' });

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
      if (result.success) return item(result.data);
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

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

/** One question of a dataset, whatever format it came in, and a dataset of them. */
import { ErgoError } from '../errors.ts';

export interface BenchItem {
  /** Unique within its dataset. */
  readonly id: string;
  /** Path below the dataset's folder, with forward slashes; "#" and a row in a parquet file. */
  readonly image: string;
  /** Question in V* layout with its options, as `splitQuestion` reads it. */
  readonly text: string;
  /** In the order of their letters; empty for a free question. */
  readonly options: readonly string[];
  /** A letter, or the right answer's text where there are no options. */
  readonly label: string;
  readonly category: string;
  /** Evidence in original pixels; empty if unknown. */
  readonly boxes: readonly TruthBox[];
}

/** Original pixels, fractions allowed: left, top, width, height. */
export type TruthBox = readonly [x: number, y: number, width: number, height: number];

export interface Dataset {
  readonly name: string;
  readonly items: readonly BenchItem[];
  /** Questions that are not among the items, because no answer could be right: a sentence each. */
  readonly refused: readonly string[];
  /**
   * The picture of one of the items, encoded as it was in the dataset.
   * @throws ErgoError `dataset-unreadable`
   */
  picture(item: BenchItem): Promise<Blob>;
}

/** Ids name items in reports: one that was there before gets "#2", "#3", ... */
function withUniqueIds(items: readonly BenchItem[]): BenchItem[] {
  const seen = new Map<string, number>();
  return items.map((item) => {
    const times = (seen.get(item.id) ?? 0) + 1;
    seen.set(item.id, times);
    return times === 1 ? item : { ...item, id: `${item.id}#${times}` };
  });
}

/** A label that fits no option: every answer would score 0. */
export class UnfitLabel extends ErgoError {
  /** @param where the question is, for the message */
  constructor(where: string, label: string, options: readonly string[]) {
    const told = `${where}: the label "${label}" is none of the options (${options.join(', ')}).`;
    super('dataset-unreadable', told);
  }
}

/**
 * Reads a dataset's questions; those whose label fits nothing are set aside.
 * @param read of one row; none or several items
 * @throws ErgoError `dataset-unreadable` of the first label if no question is left, and what `read`
 *   throws of other kinds
 */
export function readItems<Row>(
  rows: Iterable<Row>,
  read: (row: Row) => readonly BenchItem[],
): Pick<Dataset, 'items' | 'refused'> {
  const items: BenchItem[] = [];
  const unfit: UnfitLabel[] = [];
  for (const row of rows) {
    try {
      items.push(...read(row));
    } catch (thrown) {
      if (!(thrown instanceof UnfitLabel)) throw thrown;
      unfit.push(thrown);
    }
  }
  if (items.length === 0 && unfit[0]) throw unfit[0];
  return { items: withUniqueIds(items), refused: unfit.map(({ message }) => message) };
}

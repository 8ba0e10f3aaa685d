/** One question of a dataset, whatever format it came in, and a dataset of them. */
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
  /**
   * The picture of one of the items, encoded as it was in the dataset.
   * @throws ErgoError `dataset-unreadable`
   */
  picture(item: BenchItem): Promise<Blob>;
}

/** Ids name items in reports: one that was there before gets "#2", "#3", ... */
export function withUniqueIds(items: readonly BenchItem[]): BenchItem[] {
  const seen = new Map<string, number>();
  return items.map((item) => {
    const times = (seen.get(item.id) ?? 0) + 1;
    seen.set(item.id, times);
    return times === 1 ? item : { ...item, id: `${item.id}#${times}` };
  });
}

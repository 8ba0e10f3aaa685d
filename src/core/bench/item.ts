/** One question of a dataset, whatever format it came in. */
export interface BenchItem {
  /** Unique within its dataset. */
  readonly id: string;
  /** Path below the dataset's folder, with forward slashes. */
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

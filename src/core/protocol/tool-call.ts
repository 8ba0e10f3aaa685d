/**
 * A call of a zoom tool, in the two ways in which Qwen's models write it: JSON in `<tool_call>`
 * (Qwen2.5-VL, Qwen3-VL) and `<function=...>` with `<parameter=bbox_2d>` (Qwen3.5). The box itself
 * is read by the reader of all boxes.
 */
import type { Corners } from '../geometry/frames.ts';
import { parseBoxes } from './boxes.ts';

export interface ZoomCall {
  /** Null where the call names no region that can be read. */
  readonly corners: Corners | null;
  /** Which of the pictures shown so far it is about, from 0; 0 where the call does not say. */
  readonly picture: number;
}

const CALL = /<tool_call>|<function=/g;
const PICTURE = /(?:img_idx|image_index)\\?["']?\s*[:=>]?\s*["']?\s*(\d+)/i;

/** The last call in a reply, unless an answer follows it; null where there is none. */
export function parseZoomCall(text: string): ZoomCall | null {
  const starts = [...text.matchAll(CALL)].map(({ index }) => index);
  const opened = text.lastIndexOf('<tool_call>');
  const start = opened >= 0 ? opened : (starts[0] ?? -1);
  if (start < 0 || text.indexOf('<answer>', start) >= 0) return null;
  const call = text.slice(start);
  return {
    corners: parseBoxes(call)?.corners ?? null,
    picture: Number(PICTURE.exec(call)?.[1] ?? 0),
  };
}

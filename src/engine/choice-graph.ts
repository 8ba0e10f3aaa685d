/**
 * The few numbers that a choice of token needs, computed where the logits are: 336 bytes come down in
 * place of a row of the whole vocabulary. A tiny graph of its own, so that it serves any decoder.
 */
import type { FloatType } from './graph.ts';
import type { Candidate } from './sampling.ts';
import { elementType, writeGraph, type TinyNode } from './tiny-graph.ts';

function node(op: string, inputs: string[], output: string, attributes = {}): TinyNode {
  return { op, inputs, outputs: [output], attributes };
}

/**
 * `logits` [1, 1, vocabulary] -> `summary` float32 [1, 1, 2 count + 2]: the largest logits, their ids
 * (exact below 2^24), the largest of all, and the sum of exp(logit - that).
 */
export function choiceGraph(type: FloatType, count: number): Uint8Array {
  const toSingle = { to: elementType('float32') };
  return writeGraph({
    inputs: { logits: type },
    outputs: { summary: 'float32' },
    constants: { count: [count], axes: [-1] },
    nodes: [
      node('Cast', ['logits'], 'row', toSingle),
      { op: 'TopK', inputs: ['row', 'count'], outputs: ['values', 'indices'] },
      node('Cast', ['indices'], 'ids', toSingle),
      node('ReduceMax', ['row', 'axes'], 'max'),
      // Shifted, since exp of a large logit is infinite.
      node('Sub', ['row', 'max'], 'shifted'),
      node('Exp', ['shifted'], 'exponentials'),
      node('ReduceSum', ['exponentials', 'axes'], 'sum'),
      node('Concat', ['values', 'ids', 'max', 'sum'], 'summary', { axis: -1 }),
    ],
  });
}

/** @returns the most likely ones, of equals the one of the smaller id first; NaN where there are none */
export function readSummary(summary: Float32Array): Candidate[] {
  const count = (summary.length - 2) / 2;
  const [max = NaN, sum = NaN] = summary.subarray(2 * count);
  const normaliser = max + Math.log(sum);
  return Array.from({ length: count }, (_, i) => ({
    id: summary[count + i] ?? 0,
    logProbability: (summary[i] ?? NaN) - normaliser,
  })).sort((a, b) => b.logProbability - a.logProbability || a.id - b.id);
}

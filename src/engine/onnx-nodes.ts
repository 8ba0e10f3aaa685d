/** What nodes a graph has, read from its file: sessions tell inputs and outputs only. */

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Fields of onnx.proto: ModelProto.graph, GraphProto.node; NodeProto.input, output, op_type. */
const GRAPH = 7;
const NODE = 1;
const INPUT = 1;
const OUTPUT = 2;
const OP = 4;

/** @param file an ONNX file; weights within it are passed over */
export function readNodes(file: Uint8Array): OnnxNode[] {
  const decoder = new TextDecoder();
  return fieldsOf(file, GRAPH)
    .flatMap(({ body }) => fieldsOf(body, NODE))
    .map(({ body }) => {
      const parts = fieldsOf(body);
      const texts = (wanted: number): string[] =>
        parts.filter(({ field }) => field === wanted).map((part) => decoder.decode(part.body));
      return { op: texts(OP)[0] ?? '', inputs: texts(INPUT), outputs: texts(OUTPUT) };
    });
}

interface Field {
  readonly field: number;
  readonly body: Uint8Array;
}

/** Length-delimited fields of a protobuf message, of one number or of all. */
function fieldsOf(bytes: Uint8Array, wanted?: number): Field[] {
  const found: Field[] = [];
  let at = 0;
  /** Sizes of weights pass 2^31, so without bit operations. */
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      if (wanted === undefined || field === wanted) {
        found.push({ field, body: bytes.subarray(at, at + length) });
      }
      at += length;
    }
  }
  return found;
}

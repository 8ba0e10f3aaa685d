/**
 * Graphs of one or two nodes, written where they are needed: what a model's own graphs lack (a cast,
 * the choice of a token) then runs on its device, between its sessions. ONNX is protobuf, of which
 * these few messages are all that such a graph has (onnx/onnx, onnx.proto).
 */

export interface TinyNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers and lists of them. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

/** A number's type as ONNX numbers it. */
const TYPES = { float32: 1, int64: 7, float16: 10 } as const;
export type TinyType = keyof typeof TYPES;

export interface TinyGraph {
  readonly nodes: readonly TinyNode[];
  /** Of any shape. */
  readonly inputs: Readonly<Record<string, TinyType>>;
  readonly outputs: Readonly<Record<string, TinyType>>;
  /** Constant int64 lists. */
  readonly constants?: Readonly<Record<string, readonly number[]>>;
}

const IR_VERSION = 8;
const OPSET = 18;

/** @returns an ONNX file */
export function writeGraph({ nodes, inputs, outputs, constants = {} }: TinyGraph): Uint8Array {
  const graph = [
    ...nodes.flatMap((node) => message(1, writeNode(node))),
    ...message(2, text('tiny')),
    ...Object.entries(constants).flatMap(([name, values]) =>
      message(5, [
        ...number(1, values.length),
        ...number(2, TYPES.int64),
        ...values.flatMap((value) => number(7, value)),
        ...message(8, text(name)),
      ]),
    ),
    ...Object.entries(inputs).flatMap((entry) => message(11, writeValue(entry))),
    ...Object.entries(outputs).flatMap((entry) => message(12, writeValue(entry))),
  ];
  const opset = [...message(1, text('')), ...number(2, OPSET)];
  return Uint8Array.from([...number(1, IR_VERSION), ...message(7, graph), ...message(8, opset)]);
}

export function elementType(type: TinyType): number {
  return TYPES[type];
}

function writeNode({ op, inputs, outputs, attributes = {} }: TinyNode): number[] {
  return [
    ...inputs.flatMap((name) => message(1, text(name))),
    ...outputs.flatMap((name) => message(2, text(name))),
    ...message(4, text(op)),
    ...Object.entries(attributes).flatMap(([name, value]) =>
      message(5, [
        ...message(1, text(name)),
        ...(typeof value === 'number'
          ? [...number(3, value), ...number(20, 2)]
          : [...value.flatMap((item) => number(8, item)), ...number(20, 7)]),
      ]),
    ),
  ];
}

function writeValue([name, type]: [string, TinyType]): number[] {
  return [...message(1, text(name)), ...message(2, message(1, number(1, TYPES[type])))];
}

function text(value: string): number[] {
  return [...new TextEncoder().encode(value)];
}

/** A field that is counted: text, or a message within a message. */
function message(field: number, body: readonly number[]): number[] {
  return [...varint((field << 3) | 2), ...varint(body.length), ...body];
}

function number(field: number, value: number): number[] {
  return [...varint(field << 3), ...varint(value)];
}

/** Seven bits a byte, the least first; negative numbers as 64 bits. */
function varint(value: number): number[] {
  let left = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left > 0n ? low | 0x80 : low);
  } while (left > 0n);
  return bytes;
}

/**
 * Our worker protocol: one map type in which each verb owns its input, progress and output.
 * (comlink has no async iteration, no cancel, and does not reject when a worker dies.)
 */
import type { WireError } from '../../core/errors.ts';

export interface Verb {
  readonly in: unknown;
  /** What a call may report before it is done; `never` for none. */
  readonly progress: unknown;
  readonly out: unknown;
}

/** Constraint of protocol maps: `interface P { verb: { in; progress; out } }`. */
export type Protocol<P> = { readonly [V in keyof P]: Verb };

export type VerbOf<P> = keyof P & string;
export type In<P extends Protocol<P>, V extends VerbOf<P>> = P[V]['in'];
export type Progress<P extends Protocol<P>, V extends VerbOf<P>> = P[V]['progress'];
export type Out<P extends Protocol<P>, V extends VerbOf<P>> = P[V]['out'];

/** Ids count up per client; a server keeps the calls of one endpoint apart by them. */
export type Request =
  | { readonly id: number; readonly kind: 'call'; readonly verb: string; readonly input: unknown }
  | { readonly id: number; readonly kind: 'cancel' };

export type Response =
  | { readonly id: number; readonly kind: 'progress'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'done'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'failed'; readonly error: WireError }
  /** Once, before anything else: the Web Lock that is held until the end, see life.ts. */
  | { readonly kind: 'alive'; readonly lock: string };

/** What Worker, MessagePort and a worker's global scope have in common. */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  /** MessagePorts hold messages back until they are started. */
  start?(): void;
}

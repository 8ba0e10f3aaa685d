/** Calling side of the worker protocol. */
import { ErgoError, fromWire } from '../../core/errors.ts';
import type {
  Endpoint,
  In,
  Out,
  Progress,
  Protocol,
  Request,
  Response,
  VerbOf,
} from './messages.ts';
import type { Watch } from './watch.ts';

export interface CallOptions<Reported, Result = unknown> {
  /** Cancels at the server; the call rejects with `cancelled` at once. */
  readonly signal?: AbortSignal | undefined;
  readonly transfer?: Transferable[];
  readonly onProgress?: (value: Reported) => void;
  /** The other side does it at once when it is free: it has a deadline, see watch.ts. */
  readonly isBrief?: boolean;
  /** Gets a result that came after the call was cancelled: whatever it stands for is to be freed. */
  readonly onLate?: (value: Result) => void;
}

export interface RpcClient<P extends Protocol<P>> {
  /** @throws ErgoError with the server's code, `cancelled`, or what `fail` was given */
  call<V extends VerbOf<P>>(
    verb: V,
    input: In<P, V>,
    options?: CallOptions<Progress<P, V>, Out<P, V>>,
  ): Promise<Out<P, V>>;
  /** Progress as an async iteration; its return value is the output. Ending it early cancels. */
  stream<V extends VerbOf<P>>(
    verb: V,
    input: In<P, V>,
    options?: Omit<CallOptions<Progress<P, V>, Out<P, V>>, 'onProgress'>,
  ): AsyncGenerator<Progress<P, V>, Out<P, V>, undefined>;
  /** The other side is gone: rejects every pending and every later call. */
  fail(error: ErgoError): void;
  /** Fires once, when `fail` was called. */
  readonly failed: AbortSignal;
}

interface Pending {
  progress(value: unknown): void;
  resolve(value: unknown): void;
  reject(error: ErgoError): void;
}

export interface ClientOptions {
  /** Sees every message of a call, in both directions. */
  readonly watch?: Watch;
  /** The lock by which the end of the other side can be heard. */
  readonly onAlive?: (lock: string) => void;
}

export function createRpcClient<P extends Protocol<P>>(
  endpoint: Endpoint,
  { watch, onAlive }: ClientOptions = {},
): RpcClient<P> {
  const pending = new Map<number, Pending>();
  const failure = new AbortController();
  let nextId = 1;
  let dead: ErgoError | undefined;

  const onMessage = (event: MessageEvent<Response>): void => {
    const message = event.data;
    if (message.kind === 'alive') return onAlive?.(message.lock);
    watch?.heard(message.id, message.kind !== 'progress');
    const call = pending.get(message.id);
    // The last messages of a forgotten call may still be on their way.
    if (call === undefined) return;
    if (message.kind === 'progress') return call.progress(message.value);
    pending.delete(message.id);
    if (message.kind === 'done') call.resolve(message.value);
    else call.reject(fromWire(message.error));
  };
  endpoint.addEventListener('message', onMessage);
  endpoint.start?.();

  const send = (request: Request, transfer: Transferable[] = []): void =>
    endpoint.postMessage(request, transfer);

  function call<V extends VerbOf<P>>(
    verb: V,
    input: In<P, V>,
    {
      signal,
      transfer,
      onProgress,
      onLate,
      isBrief = false,
    }: CallOptions<Progress<P, V>, Out<P, V>> = {},
  ): Promise<Out<P, V>> {
    return new Promise((resolve, reject) => {
      if (dead) return reject(dead);
      if (signal?.aborted) return reject(cancelled(verb));
      const id = nextId++;
      const onAbort = (): void => {
        // Its result may be on its way already.
        if (onLate) pending.set(id, late(onLate));
        else pending.delete(id);
        watch?.left(id);
        send({ id, kind: 'cancel' });
        reject(cancelled(verb));
      };
      const settle = (finish: () => void): void => {
        signal?.removeEventListener('abort', onAbort);
        finish();
      };
      pending.set(id, {
        progress: (value) => onProgress?.(value),
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        send({ id, kind: 'call', verb, input }, transfer);
        watch?.sent(id, isBrief);
      } catch (cause) {
        pending.delete(id);
        const error = new ErgoError('internal', `${verb}: input cannot be sent.`, { cause });
        settle(() => reject(error));
      }
    });
  }

  async function* stream<V extends VerbOf<P>>(
    verb: V,
    input: In<P, V>,
    options: Omit<CallOptions<Progress<P, V>, Out<P, V>>, 'onProgress'> = {},
  ): AsyncGenerator<Progress<P, V>, Out<P, V>, undefined> {
    const queue: Progress<P, V>[] = [];
    const left = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal;
    let wake: (() => void) | undefined;
    let settled = false;
    const result = call(verb, input, {
      ...options,
      signal,
      onProgress: (value) => {
        queue.push(value);
        wake?.();
      },
    });
    // Both outcomes only wake the loop; `await result` below throws or returns.
    const onSettled = (): void => {
      settled = true;
      wake?.();
    };
    result.then(onSettled, onSettled);
    try {
      for (;;) {
        while (queue.length > 0 && !signal.aborted) yield queue.shift() as Progress<P, V>;
        if (settled) return await result;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      if (!settled) left.abort();
    }
  }

  return {
    call,
    stream,
    failed: failure.signal,
    fail(error) {
      if (dead) return;
      dead = error;
      watch?.end();
      endpoint.removeEventListener('message', onMessage);
      const calls = [...pending.values()];
      pending.clear();
      for (const waiting of calls) waiting.reject(error);
      failure.abort(error);
    },
  };
}

/** What is left of a cancelled call. */
function late(resolve: Pending['resolve']): Pending {
  return { progress: () => undefined, resolve, reject: () => undefined };
}

function cancelled(verb: string): ErgoError {
  return new ErgoError('cancelled', `${verb} was cancelled.`);
}

/**
 * The closed set of things that can go wrong, and what a person can do about each.
 * Foreign errors are mapped to a code where they are caught, nowhere else.
 */

/** What to do next, one sentence per code. The keys ARE the closed set of codes. */
const NEXT_STEP = {
  'webgpu-unavailable':
    'Use a browser with WebGPU (a current Chrome, Edge or Safari), or choose the wasm device.',
  'out-of-memory': 'Close other tabs or lower the budgets, then ask again.',
  'device-lost': 'The graphics device was reset; ask again, and the model loads anew.',
  'download-interrupted': 'Check the connection and load again; finished parts are kept.',
  offline: 'Connect to the network and try again; models that are stored here need none.',
  'hub-gated':
    'Accept its conditions on its page at the hub, download it there, and choose its folder here.',
  'hub-missing':
    'Check the name (owner/name); a private model has to be downloaded and chosen as a folder.',
  'hub-revision': 'Check what stands after the @, or leave it away for the newest.',
  'hub-busy': 'Wait as long as it says, then try again; finished parts are kept.',
  'weights-missing':
    'A file of the model is not where its manifest says; try again, or check the model folder.',
  'weights-corrupt': 'Load the model again; the damaged copy was removed.',
  'manifest-invalid': 'This folder is not a model that the app can read; export it again.',
  'config-invalid':
    'A configuration file of this model cannot be read; try another revision, or another model.',
  'model-unsupported': 'This model family or dtype cannot run here; another one is needed.',
  'model-not-loaded': 'Load a model first.',
  'session-failed': 'The model could not be started on this device; try the other device.',
  'store-busy': 'Stop the download in the other tab first.',
  'storage-full': 'Free some disk space, then load the model again.',
  'file-unreadable':
    'It was moved, changed or deleted since it was picked, or it is a folder; pick it again.',
  'no-picture': 'Choose a folder or files in which there are pictures, such as JPEG, PNG or WebP.',
  'address-invalid':
    'Give the address of the picture itself, which begins with https://, or bring the file.',
  'address-unreadable':
    'Its host may not let other pages read it: save the picture or copy it, then choose, drop or paste it here.',
  'image-undecodable': 'The file is not a picture that this browser can read; try JPEG or PNG.',
  'image-too-large': 'The picture is larger than this device can hold; use a smaller version.',
  'image-aspect': 'The picture is more than 200 times longer than wide; cut it first.',
  'too-many-tokens': 'The picture needs more tokens than this device can hold; lower the budget.',
  'question-too-long': 'Shorten the question; lower budgets leave more room for it.',
  'region-unparsable': 'The model named no usable region; draw one by hand and ask again.',
  'dataset-unreadable': 'The folder or file is not in the format of this dataset.',
  'run-unreadable':
    'Ask for it again: a link has to be copied to its end, a file to be sent as it is.',
  'bad-request': 'Check the arguments and try again.',
  'worker-died': 'Ask again: what stopped is started anew.',
  cancelled: 'Ask again when you are ready.',
  internal: 'This is a defect of the app; please report it with the steps that led here.',
} as const;

export type ErrorCode = keyof typeof NEXT_STEP;

/** After these the worker is in an unknown state, or its heap is exhausted: a new one is needed. */
export const FATAL: readonly ErrorCode[] = ['device-lost', 'worker-died', 'out-of-memory'];

/** Plain data about an error: survives structured clone and JSON. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean | null>>;

/** An ErgoError as it crosses a worker boundary or lies in a report. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail?: ErrorDetail;
  /** Where it was thrown, for the console; not shown to people. */
  readonly stack?: string;
  readonly cause?: WireError;
}

export class ErgoError extends Error {
  override readonly name = 'ErgoError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail | undefined;

  /**
   * @param code one of the closed set
   * @param message what happened, one sentence, in terms of the thing that failed
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: { detail?: ErrorDetail; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
  }

  /** One sentence that says what to do next. */
  get nextStep(): string {
    return NEXT_STEP[this.code];
  }
}

export function nextStep(code: ErrorCode): string {
  return NEXT_STEP[code];
}

/** Has this code? The one way to branch on an error. */
export function hasCode(error: unknown, code: ErrorCode): error is ErgoError {
  return error instanceof ErgoError && error.code === code;
}

/**
 * Any thrown value as an ErgoError. Aborts become `cancelled`; what is unknown gets `fallback`
 * and keeps the original as its cause.
 */
export function toErgoError(thrown: unknown, fallback: ErrorCode = 'internal'): ErgoError {
  if (thrown instanceof ErgoError) return thrown;
  if (thrown instanceof Error) {
    const code = thrown.name === 'AbortError' ? 'cancelled' : fallback;
    return new ErgoError(code, thrown.message, { cause: thrown });
  }
  return new ErgoError(fallback, String(thrown));
}

/** Throws `cancelled` if the signal has fired. Call between tokens and between stages. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ErgoError('cancelled', 'The run was cancelled.');
}

/** @param thrown anything; the chain of causes is kept, each link with its code */
export function toWire(thrown: unknown): WireError {
  const error = toErgoError(thrown);
  // A foreign error has just become the cause of its own wrapper: its own cause is meant.
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return {
    code: error.code,
    message: error.message,
    ...(error.detail && { detail: error.detail }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(cause !== undefined && { cause: toWire(cause) }),
  };
}

export function fromWire(wire: WireError): ErgoError {
  const error = new ErgoError(wire.code, wire.message, {
    ...(wire.detail && { detail: wire.detail }),
    ...(wire.cause && { cause: fromWire(wire.cause) }),
  });
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

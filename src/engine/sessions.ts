/** The three graphs of a model as onnxruntime sessions. */
import type { InferenceSession } from 'onnxruntime-web';
import type { DeviceKind } from '../core/contracts/model.ts';
import { dtypeOf, type ModelDtype, type ModelSource, type SessionName } from '../models/source.ts';
import { engineError } from './errors.ts';
import { readNodes, type OnnxNode } from './onnx-nodes.ts';
import type { Runtime } from './runtime.ts';

export interface Sessions {
  readonly vision: InferenceSession;
  readonly embed: InferenceSession;
  readonly decoder: InferenceSession;
  /** Of the decoder's graph. */
  readonly decoderNodes: readonly OnnxNode[];
  /** Bytes of graphs and weights. */
  readonly weightBytes: number;
  release(): Promise<void>;
}

export interface SessionsRequest {
  readonly runtime: Runtime;
  readonly source: ModelSource;
  readonly dtype: string;
  /** Called once per file; of files with the same content, for one of them. */
  readonly read: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
  readonly onSession?: (name: SessionName) => void;
}

const NAMES: readonly SessionName[] = ['vision_encoder', 'embed_tokens', 'decoder_model_merged'];

/**
 * @throws ErgoError `session-failed`, `model-unsupported`, `out-of-memory`, `device-lost`. A runtime
 *   in which a session failed can open no other one: its worker has to be replaced.
 */
export async function openSessions(request: SessionsRequest): Promise<Sessions> {
  const { runtime, source, onSession } = request;
  const chosen = dtypeOf(source, request.dtype);
  const plans = NAMES.map((name) => planOf(chosen, name, runtime.report.used));
  const read = readShared(
    request,
    plans.flatMap(({ graph, data }) => [graph, ...data]),
  );
  const opened: InferenceSession[] = [];
  let decoderNodes: readonly OnnxNode[] = [];
  let weightBytes = 0;
  const open = async (index: number): Promise<InferenceSession> => {
    const { name, graph: path, data } = plans[index] as Plan;
    onSession?.(name);
    const graph = await read(path);
    const externalData = [];
    for (const part of data) externalData.push({ path: baseName(part), data: await read(part) });
    if (name === 'decoder_model_merged') decoderNodes = readNodes(graph);
    weightBytes += externalData.reduce((sum, { data }) => sum + data.byteLength, graph.byteLength);
    try {
      const session = await runtime.ort.InferenceSession.create(graph, {
        ...sessionOptions(runtime),
        ...(externalData.length > 0 && { externalData }),
      });
      opened.push(session);
      return session;
    } catch (thrown) {
      throw engineError(thrown, 'start', { session: name });
    }
  };
  const release = async (): Promise<void> => {
    for (const session of opened.splice(0)) await session.release();
  };
  try {
    const vision = await open(0);
    const embed = await open(1);
    const decoder = await open(2);
    return { vision, embed, decoder, decoderNodes, weightBytes, release };
  } catch (thrown) {
    await release().catch(() => undefined);
    throw thrown;
  }
}

/** A session's graph and the parts of its weights that lie in files of their own. */
interface Plan {
  readonly name: SessionName;
  readonly graph: string;
  readonly data: readonly string[];
}

function planOf(
  { sessions, wasm, files }: ModelDtype,
  name: SessionName,
  device: DeviceKind,
): Plan {
  const main = sessions[name];
  const special = device === 'wasm' ? wasm?.[name] : undefined;
  const data = files.filter((path) => path.startsWith(`${main}_data`));
  return special === undefined
    ? { name, graph: main, data }
    : { name, graph: special, data: [...data, main] };
}

/**
 * Reads what several sessions share once, and lets go of it with the last of them: a decoder whose
 * head is tied to its embedding brings the same hundreds of megabytes under another name.
 */
function readShared(
  { source, read }: SessionsRequest,
  paths: readonly string[],
): SessionsRequest['read'] {
  const hashes = new Map(source.files.map(({ path, sha256 }) => [path, sha256]));
  const contentOf = (path: string): string => hashes.get(path) ?? path;
  const wanted = paths.map(contentOf);
  const held = new Map<string, Uint8Array<ArrayBuffer>>();
  return async (path) => {
    const content = contentOf(path);
    const bytes = held.get(content) ?? (await read(path));
    wanted.splice(wanted.indexOf(content), 1);
    if (wanted.includes(content)) held.set(content, bytes);
    else held.delete(content);
    return bytes;
  };
}

/** Whatever a graph computes stays on the GPU; what is needed elsewhere is read there by hand. */
export function sessionOptions({ report, providers }: Runtime): InferenceSession.SessionOptions {
  return {
    executionProviders: providers,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(report.used === 'webgpu' && { preferredOutputLocation: 'gpu-buffer' }),
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

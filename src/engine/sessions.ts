/** The three graphs of a model as onnxruntime sessions. */
import type { InferenceSession } from 'onnxruntime-web';
import { dtypeOf, type ModelSource, type SessionName } from '../models/source.ts';
import { engineError } from './errors.ts';
import type { Runtime } from './runtime.ts';

export interface Sessions {
  readonly vision: InferenceSession;
  readonly embed: InferenceSession;
  readonly decoder: InferenceSession;
  /** Bytes of graphs and weights. */
  readonly weightBytes: number;
  release(): Promise<void>;
}

export interface SessionsRequest {
  readonly runtime: Runtime;
  readonly source: ModelSource;
  readonly dtype: string;
  /** Called once per file. */
  readonly read: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
  readonly onSession?: (name: SessionName) => void;
}

/**
 * @throws ErgoError `session-failed`, `model-unsupported`, `out-of-memory`, `device-lost`. A runtime in which a session
 *   failed can open no other one: its worker has to be replaced.
 */
export async function openSessions(request: SessionsRequest): Promise<Sessions> {
  const chosen = dtypeOf(request.source, request.dtype);
  const opened: InferenceSession[] = [];
  let weightBytes = 0;
  const open = async (name: SessionName): Promise<InferenceSession> => {
    request.onSession?.(name);
    const main = chosen.sessions[name];
    const special = request.runtime.report.used === 'wasm' ? chosen.wasm?.[name] : undefined;
    const graph = await request.read(special ?? main);
    const parts = chosen.files.filter((path) => path.startsWith(`${main}_data`));
    if (special !== undefined) parts.push(main);
    const externalData = [];
    for (const part of parts) {
      externalData.push({ path: baseName(part), data: await request.read(part) });
    }
    weightBytes += externalData.reduce((sum, { data }) => sum + data.byteLength, graph.byteLength);
    try {
      const session = await request.runtime.ort.InferenceSession.create(graph, {
        ...optionsOf(name, request),
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
    const vision = await open('vision_encoder');
    const embed = await open('embed_tokens');
    const decoder = await open('decoder_model_merged');
    return { vision, embed, decoder, weightBytes, release };
  } catch (thrown) {
    await release().catch(() => undefined);
    throw thrown;
  }
}

/** Image features, embeddings and the KV cache stay on the GPU; only logits come back. */
function optionsOf(
  name: SessionName,
  { runtime, source }: SessionsRequest,
): InferenceSession.SessionOptions {
  const device = runtime.report.used;
  return {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(device === 'webgpu' && { preferredOutputLocation: onGpu(name, source) }),
  };
}

function onGpu(name: SessionName, { profile }: ModelSource): Record<string, 'gpu-buffer'> {
  const names: Record<SessionName, string[]> = {
    vision_encoder: ['image_features'],
    embed_tokens: ['inputs_embeds'],
    decoder_model_merged: Array.from({ length: profile.architecture.text.layers }, (_, layer) => [
      `present.${layer}.key`,
      `present.${layer}.value`,
    ]).flat(),
  };
  return Object.fromEntries(names[name].map((output) => [output, 'gpu-buffer' as const]));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

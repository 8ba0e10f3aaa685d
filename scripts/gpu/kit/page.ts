/**
 * Entry of the browser kit: a page that runs one task (in its address) and posts its results. What
 * only the whole page can do, questions about pictures, it asks at the built site's door for scripts.
 */
import type { Automation, AutomationRequest } from '../../../src/core/contracts/automation.ts';
import { isCorrect } from '../../../src/core/protocol/options.ts';
import { splitQuestion } from '../../../src/core/protocol/question.ts';
import { runTask, type Task } from './steps.ts';

type PageTask =
  | Task
  | { readonly kind: 'adapter' }
  | {
      readonly kind: 'items';
      readonly count: number;
      readonly request: Omit<AutomationRequest, 'question'>;
    };

const emit = async (result: object): Promise<void> => {
  await fetch('/result', { method: 'POST', body: JSON.stringify(result) });
};

async function read(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`/kit/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function run(): Promise<void> {
  const task = JSON.parse(new URLSearchParams(location.search).get('task') ?? '') as PageTask;
  if (task.kind === 'adapter') return await adapter();
  if (task.kind === 'items') return await items(task);
  const runtimeUrl = new URL('/ort/', location.origin).href;
  await runTask({ read, runtimeUrl, emit }, task);
}

async function adapter(): Promise<void> {
  // The first answer of a browser that has just started can be "none" although there is one.
  const gpu = (globalThis.navigator as { gpu?: GPU }).gpu;
  const found = (await gpu?.requestAdapter()) ?? (await gpu?.requestAdapter());
  const { vendor, architecture, device, description } = found?.info ?? {};
  const name = [vendor, architecture, device, description].filter(Boolean).join(' ');
  const half = found?.features.has('shader-f16') === true;
  await emit({ adapter: name, half, agent: navigator.userAgent, isolated: crossOriginIsolated });
}

interface Item {
  readonly image: string;
  readonly text: string;
  readonly label: string;
}

async function items({ count, request }: PageTask & { kind: 'items' }): Promise<void> {
  const door = await openSite();
  const lines = await (await fetch('/bench/scenes/test_questions.jsonl')).text();
  const all = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Item);
  for (const [index, item] of all.slice(0, count).entries()) {
    const picture = await (await fetch(`/bench/scenes/${item.image}`)).blob();
    for await (const event of door.ask(picture, { ...request, question: item.text })) {
      if (event.type === 'report') {
        const { answer, device, visionTokens, timings } = event.report;
        const correct = isCorrect(answer, item.label, splitQuestion(item.text).options);
        await emit({ item: index, answer, correct, device, visionTokens, timings });
      } else if (event.type === 'failed') await emit({ item: index, failed: event.error });
    }
  }
}

/** The site's own page, into which the server puts this script, opens its door when it is there. */
async function openSite(): Promise<Automation> {
  for (;;) {
    const { ergo } = globalThis as { ergo?: Automation };
    if (ergo) return ergo;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

run()
  .then(() => emit({ done: true }))
  .catch((error: unknown) => emit({ error: String(error) }));

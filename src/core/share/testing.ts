/** A run to share, as a session makes it with a scripted model. */
import { scriptedModel, scriptedPicture } from '../policies/testing/scripted.ts';
import type { PolicyName, RunEvent } from '../run/events.ts';
import { createSession } from '../session/session.ts';
import { FORMAT, savedEvents, VERSION, type SavedPicture, type SavedRun } from './saved-run.ts';
import type { Still } from './still.ts';

const REPLIES = [
  '<think>on the left</think><zoom>[28, 56, 128, 156]</zoom>',
  '<think>Straße, 犬</think><answer>(B) dog</answer>',
  '<answer>(A) cat</answer>',
];

/** Real files of one colour. */
export const WEBP: Still = {
  width: 16,
  height: 8,
  data: 'UklGRjAAAABXRUJQVlA4ICQAAACQAQCdASoQAAgAB0CWJaACdLoAA5gA/sTv13i0o19Q4rg6YAA=',
};
export const JPEG: Still = {
  width: 16,
  height: 8,
  data: '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////2wBDAf//////////////////////////////////////////////////////////////////////////////////////wAARCAAIABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAAAv/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AIAJP//Z',
};
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAICAIAAAB/FOjAAAAAFklEQVR4nGM8ESDCQApgIkn1qAYiAQDXkwE8qP89BgAAAABJRU5ErkJggg==';

/** @returns the events of each way of looking at a picture of 12 megapixels */
export async function recorded(policies: readonly PolicyName[]): Promise<RunEvent[][]> {
  let time = 0;
  const model = scriptedModel({ replies: REPLIES });
  const session = createSession({
    picture: scriptedPicture({ width: 4000, height: 3000 }),
    model: async () => model,
    now: () => (time += 1.234_567),
  });
  const runs: RunEvent[][] = [];
  for (const policy of policies) {
    const events: RunEvent[] = [];
    const text = 'What is it?\n(A) cat\n(B) dog';
    for await (const event of session.ask({ policy, text })) events.push(event);
    runs.push(events);
  }
  await session.close();
  return runs;
}

/** Two looks, and the baseline beside them. */
export async function savedRun(picture: Partial<SavedPicture> = {}): Promise<SavedRun> {
  const runs = await recorded(['coarse-to-fine', 'full-resolution']);
  return {
    format: FORMAT,
    version: VERSION,
    picture: { name: null, sample: null, preview: null, ...picture },
    runs: runs.map((events) => ({ events: savedEvents(events), memory: null })),
  };
}

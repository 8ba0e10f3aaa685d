import { takeAddress } from './intake/take.ts';
import type { Sample } from './samples.ts';

/**
 * @param question default: the first that is ready
 * @returns whether the picture is shown
 */
export function openSample(sample: Sample, question = sample.questions[0] ?? ''): Promise<boolean> {
  const { id, title: name, picture, questions: suggestions } = sample;
  return takeAddress(picture, { name, question, suggestions, sample: id });
}

/**
 * How far a run's answer can be trusted, from what the run has anyway: the words of the question,
 * two statistics of the picture and the probabilities of the tokens that answer.
 */
import type { WorldRules } from '../contracts/profile.ts';
import type { PictureStatistics } from '../contracts/pictures.ts';
import type { Confidence, Notice, RunEventBody } from '../run/events.ts';
import { wordsOf } from './words.ts';

/** Below this chance of being right a small model's answer is told as a guess. */
const GUESS = 0.25;
/** Unknown words that a sentence lists. */
const LISTED = 3;

export interface Witness {
  /** Takes note of an event and gives it back; an answer gets its confidence. */
  see(event: RunEventBody): RunEventBody;
  /** Where the question or the picture lies outside the model's world; null if inside. */
  notice(): Notice | null;
}

/** @param world null for a model that knows the world: its answers are never warned of */
export function createWitness(world: WorldRules | null, question: string): Witness {
  let statistics: PictureStatistics | null = null;
  let logProbability = 0;
  let tokens = 0;
  let confidence: Confidence | null = null;
  return {
    see(event) {
      if (event.type === 'picture-viewed' && event.stage !== 'crop') {
        ({ statistics } = event.view);
      } else if (event.type === 'prefilled') {
        [logProbability, tokens] = [0, 0];
      } else if (event.type === 'token') {
        logProbability += event.step.logProbability;
        tokens++;
      } else if (event.type === 'answered') {
        confidence = confidenceOf(logProbability, tokens, world);
        return { ...event, answer: { ...event.answer, confidence } };
      }
      return event;
    },
    notice() {
      if (world === null) return null;
      const reasons = [
        ...strangeWords(question, world),
        ...(statistics && isStrange(statistics, world) ? ['the picture is of another kind'] : []),
        ...(confidence && confidence.value < GUESS
          ? ['its answer is little more than a guess']
          : []),
      ];
      if (reasons.length === 0) return null;
      const why = reasons.join('; ');
      const message = `This model knows only ${world.about}: ${why}. Do not rely on its answer.`;
      return { code: 'outside-world', message };
    },
  };
}

/**
 * @returns calibrated where the model's manifest tells how; else the geometric mean of the
 *   tokens' probabilities, which says how sure the model was and not how often it is right
 */
function confidenceOf(
  logProbability: number,
  tokens: number,
  world: WorldRules | null,
): Confidence | null {
  if (tokens === 0) return null;
  if (world === null) return { value: Math.exp(logProbability / tokens), calibrated: false };
  const { intercept, slope } = world.confidence;
  return { value: 1 / (1 + Math.exp(-intercept - slope * logProbability)), calibrated: true };
}

function strangeWords(question: string, { words }: WorldRules): string[] {
  const known = new Set(words);
  const strange = wordsOf(question).filter((word) => !known.has(word));
  if (strange.length === 0) return [];
  const listed = strange.slice(0, LISTED).map((word) => `“${word}”`);
  const more = strange.length > LISTED ? ' and others' : '';
  return [`it was never taught ${listed.join(', ')}${more}`];
}

function isStrange(statistics: PictureStatistics, { picture }: WorldRules): boolean {
  const isOutside = (name: keyof PictureStatistics): boolean => {
    const [least, most] = picture[name];
    return statistics[name] < least || statistics[name] > most;
  };
  return isOutside('edgeHues') || isOutside('vividEdges');
}

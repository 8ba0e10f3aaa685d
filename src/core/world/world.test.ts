import { describe, expect, it } from 'vitest';
import type { PictureStatistics, PictureView } from '../contracts/pictures.ts';
import type { WorldRules } from '../contracts/profile.ts';
import type { Answer, RunEventBody } from '../run/events.ts';
import cases from './cases.json' with { type: 'json' };
import { createWitness } from './witness.ts';
import { wordsOf } from './words.ts';

const world: WorldRules = {
  about: 'drawn scenes',
  words: ['what', 'is', 'on', 'the', 'tag', 'of', 'lion'],
  picture: { vividEdges: [0.01, 0.06], edgeHues: [0.9, 1.9] },
  confidence: { intercept: 3, slope: 1 },
};
const scene: PictureStatistics = { vividEdges: 0.02, edgeHues: 1.4 };
const photograph: PictureStatistics = { vividEdges: 0.004, edgeHues: 0.3 };

interface Told {
  readonly rules?: WorldRules | null;
  readonly question?: string;
  readonly statistics?: PictureStatistics | null;
  /** Of the tokens of the stage that answers. */
  readonly logProbabilities?: readonly number[];
}

function witness({
  rules = world,
  question = 'What is on the tag of the lion?',
  statistics = scene,
  logProbabilities = [-0.1, -0.2],
}: Told) {
  const told = createWitness(rules, question);
  const see = (event: RunEventBody) => told.see(event);
  const view = { statistics } as PictureView;
  see({ type: 'picture-viewed', stage: 'coarse', view });
  // What the first look wrote says nothing of the answer.
  see(prefilled);
  see(token(-9));
  see({ type: 'picture-viewed', stage: 'crop', view: { statistics: null } as PictureView });
  see(prefilled);
  for (const value of logProbabilities) see(token(value));
  const answer: Answer = { text: 'x', letter: null, thinking: '', confidence: null };
  const answered = see({ type: 'answered', answer });
  return {
    confidence: answered.type === 'answered' ? answered.answer.confidence : undefined,
    notice: told.notice(),
  };
}

const prefilled: RunEventBody = {
  type: 'prefilled',
  stage: 'crop',
  prefilled: 1,
  reused: 0,
  milliseconds: 0,
};

function token(logProbability: number): RunEventBody {
  const step = { index: 0, id: 1, text: 'x', logProbability, alternatives: [] };
  return { type: 'token', stage: 'crop', step };
}

describe('wordsOf', () => {
  it.each(cases.words as [string, string[]][])('reads %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });
});

describe('a witness', () => {
  it('says nothing of a question and a picture of the world that was taught', () => {
    expect(witness({}).notice).toBeNull();
  });

  it('names the words that were never taught, a few of them', () => {
    const { notice } = witness({ question: 'Is the person on the horse?' });
    expect(notice).toEqual({
      code: 'outside-world',
      message:
        'This model knows only drawn scenes: it was never taught “person”, “horse”. Do not rely on its answer.',
    });
    expect(witness({ question: 'who are these four people?' }).notice?.message).toContain(
      '“who”, “are”, “these” and others',
    );
  });

  it('tells a picture of another kind by either statistic', () => {
    expect(witness({ statistics: photograph }).notice?.message).toContain('of another kind');
    const crowded = { ...scene, vividEdges: 0.2 };
    expect(witness({ statistics: crowded }).notice?.code).toBe('outside-world');
    expect(witness({ statistics: null }).notice).toBeNull();
  });

  it('turns the probability of the answering text into a calibrated chance', () => {
    const { confidence } = witness({ logProbabilities: [-1, -2] });
    expect(confidence).toEqual({ value: 0.5, calibrated: true });
    expect(witness({ logProbabilities: [-4, -4] }).notice?.message).toContain('a guess');
  });

  it('never warns of a model that knows the world, and tells how probable its tokens were', () => {
    const told = witness({ rules: null, statistics: photograph, question: 'A person?' });
    expect(told.notice).toBeNull();
    expect(told.confidence).toEqual({ value: expect.closeTo(Math.exp(-0.15)), calibrated: false });
    expect(witness({ logProbabilities: [] }).confidence).toBeNull();
  });
});

/** What a card says, in words. */
import { letterOf } from '../../../core/protocol/question.ts';
import { count, said, times } from '../../../ui/format.ts';
import { titleOf, tokensOf } from '../../compare/lane-report.ts';
import { savingOf } from '../../compare/saving.ts';
import { startedOf, type Exhibit } from '../exhibit.ts';

export interface CardFacts {
  readonly question: string;
  /** "(A) red  (B) blue"; empty for a free question. */
  readonly options: string;
  readonly answer: string;
  /** "7.3×"; null where there is nothing to be proud of. */
  readonly factor: string | null;
  readonly saved: string;
  readonly detail: string;
}

export function factsOf(exhibit: Exhibit): CardFacts {
  const { main, baseline } = exhibit;
  const { question, options, model, policy, fullResolutionTokens } = startedOf(main);
  const tokens = tokensOf(main.state);
  const compared = baseline ? tokensOf(baseline.state) : fullResolutionTokens;
  const { factor, words } = savingOf(tokens, compared);
  const isOneLook = policy === 'full-resolution';
  return {
    question,
    options: options.map((option, index) => `(${letterOf(index)}) ${option}`).join('   '),
    answer: answerOf(exhibit),
    factor: isOneLook || factor === null ? null : times(factor),
    saved: isOneLook
      ? 'One look at full resolution'
      : factor === null
        ? words
        : `${words} than full resolution`,
    detail: isOneLook
      ? `${count(tokens)} vision tokens · ${model.id}`
      : `${count(tokens)} of ${count(compared)} · ${titleOf(policy).toLowerCase()} · ${model.id}`,
  };
}

/** A letter alone says nothing to those who see no options. */
function answerOf({ main }: Exhibit): string {
  const answer = main.state.answer;
  const text = said(answer?.text ?? '');
  const { options } = startedOf(main);
  const option = answer?.letter ? options[answer.letter.charCodeAt(0) - 65] : undefined;
  return option === undefined || text.toLowerCase().includes(option.toLowerCase())
    ? text
    : `${answer?.letter}: ${option}`;
}

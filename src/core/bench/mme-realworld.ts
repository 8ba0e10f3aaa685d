/**
 * MME-RealWorld-Lite (yifanzhang114/MME-RealWorld-lite-lmms-eval): `train-0000N-of-00004.parquet`.
 * Row numbers begin anew in each file; `index` names a question.
 */
import { asked, byLetter, cell, defineFormat, letter } from './format.ts';
import { z } from '../zod.ts';

const OPTIONS = 'multi-choice options';

export const mmeRealworld = defineFormat({
  name: 'MME-RealWorld-Lite',
  file: 'part',
  marks: [OPTIONS, 'bytes'],
  picture: 'bytes',
  shape: {
    index: cell,
    question: cell,
    [OPTIONS]: z.array(cell).min(2),
    answer: letter,
    category: cell,
  },
  item: ({ index, question, answer, category, [OPTIONS]: options }) => ({
    id: index,
    ...asked(question, byLetter(options)),
    label: answer,
    category,
  }),
});

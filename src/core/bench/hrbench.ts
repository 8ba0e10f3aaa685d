/**
 * HR-Bench (DreamMr/HR-Bench): `hr_bench_4k.parquet`, `hr_bench_8k.parquet`. Each question comes four
 * times, its options turned by one place each time, so a picture comes four times as well.
 */
import { asked, cell, defineFormat, letter } from './format.ts';

export const hrbench = defineFormat({
  name: 'HR-Bench',
  file: 'whole',
  marks: ['A', 'B', 'C', 'D', 'image'],
  picture: 'image',
  shape: {
    index: cell,
    question: cell,
    answer: letter,
    A: cell,
    B: cell,
    C: cell,
    D: cell,
    category: cell,
  },
  item: ({ index, question, answer, category, A, B, C, D }) => ({
    id: index,
    ...asked(question, [A, B, C, D]),
    label: answer,
    category,
  }),
});

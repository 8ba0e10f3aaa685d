import { expect, it } from 'vitest';
import { runsCsv } from './csv.ts';
import { scoreRun } from './score.ts';

it('quotes what a spreadsheet would misread, and leaves empty what is not known', () => {
  const item = {
    id: '1',
    image: 'a,b.jpg',
    text: 'Read it.',
    options: [],
    label: 'say "K"',
    category: 'a',
    boxes: [],
  };
  const error = { code: 'out-of-memory', message: 'too much' } as const;
  const [names, row, end] = runsCsv([scoreRun(item, 'coarse-only', { error }, null)]).split('\r\n');
  expect(names?.split(',')).toHaveLength(19);
  expect(row).toBe(`1,"a,b.jpg",a,coarse-only,"say ""K""",,false,out-of-memory${','.repeat(11)}`);
  expect([end, runsCsv([])]).toEqual(['', `${names}\r\n`]);
});

import { describe, expect, it } from 'vitest';
import { tasksOf } from '../tasks.mjs';
import { reportOf } from './report.mjs';

const what = { shapes: ['one', 'two'], dtypes: ['q8', 'fp16'], isSmall: false };

const parts = (kind: 'dawn' | 'browser') => tasksOf(kind, what).map(({ part }) => part);

describe('the tasks of a kit', () => {
  it('come in the order of what matters most, with questions only where there is a page', () => {
    expect(parts('dawn')).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    expect(parts('browser')).toEqual(['a', 'a', 'a', 'a', 'a', 'b', 'b', 'c', 'c']);
  });

  it('are told apart by their names, by which a further run knows what is done', () => {
    const names = tasksOf('browser', what).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a report', () => {
  const kit = { kind: 'dawn', made: { commit: 'abc' }, tasks: [{ name: 'x' }, { name: 'y' }] };

  it('has what there is of a run that was cut, and says why it ended', () => {
    const text = reportOf(kit, [
      { driver: 1, adapter: 'nvidia' },
      { task: 'x', case: 'direct', equal: true } as object,
      { task: 'x', equal: false },
      { task: 'x', stopped: 'its time of 40 s was over' },
    ]);
    expect(text).toContain('# nvidia: Dawn in Node, no browser');
    expect(text).toContain('1 of 2 golden histories');
    expect(text).toContain('Not finished: its time of 40 s was over');
    expect(text).not.toContain('## y');
    expect(text).not.toContain('Emulated');
  });

  it('marks an adapter in software, and has rates, levers and questions in tables', () => {
    const text = reportOf(kit, [
      { driver: 'software', adapter: 'llvmpipe' },
      { task: 'x', step: 'encode', tokens: 640, milliseconds: 320, rate: 2000 },
      { task: 'x', variant: 'all levers', after: 200, perToken: 10.123456, ratio: 1 },
      { task: 'y', item: 0, answer: 'a', correct: true, timings: { total: 12 } },
      { task: 'y', item: 1, answer: 'b', correct: false, timings: { total: 14 } },
    ]);
    expect(text).toContain('Emulated in software');
    expect(text).toContain('| encode | 640 | 320 | 2000 |');
    expect(text).toContain('| all levers | 200 | 10.12 | 1 |');
    expect(text).toContain('2 questions: 2 answered, 1 right');
  });
});

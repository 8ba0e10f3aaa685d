import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { Confidence, Notice } from '../../core/run/events.ts';
import { IDLE_RUN } from '../../core/run/fold.ts';
import { Notices } from './notices.tsx';
import { Sureness } from './sureness.tsx';

const outside: Notice = { code: 'outside-world', message: 'It knows only drawn scenes.' };

const told = (confidence: Confidence | null, notices: readonly Notice[] = []): string => {
  const answer = { text: 'a', letter: null, thinking: '', confidence };
  return renderToStaticMarkup(<Sureness run={{ ...IDLE_RUN, answer, notices }} />);
};

describe('where the world of a model ends', () => {
  it('another model is offered once, with its size', () => {
    const html = renderToStaticMarkup(<Notices notices={[outside, outside]} />);
    expect(html.match(/It knows only drawn scenes/g)).toHaveLength(1);
    expect(html).toMatch(/<button[^>]*>For photographs: Qwen3.5 0.8B, 871.4 MB, once<\/button>/);
  });

  it('other notices offer nothing', () => {
    const notices: Notice[] = [{ code: 'text-truncated', message: 'It was cut off.' }];
    expect(renderToStaticMarkup(<Notices notices={notices} />)).not.toContain('<button');
  });
});

describe('how sure a model was', () => {
  it('is a chance to be right only where that was measured', () => {
    expect(told({ value: 0.934, calibrated: true })).toContain('Sure to 93 %: so often');
    expect(told({ value: 0.934, calibrated: false })).toContain('by its own account');
    expect(told({ value: 0.934, calibrated: true }, [outside])).toContain('by its own account');
  });

  it('is not told of an answer that was not written', () => {
    expect(told(null)).toBe('');
  });
});

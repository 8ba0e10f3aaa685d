import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { POLICIES as DEFINED } from '../../src/core/policies/registry.ts';
import { POLICIES, UsageError } from '../lib/args.mjs';
import { savedRun } from '../../src/core/share/testing.ts';
import { parseAsk, parseReplay } from './args.mjs';
import { describe as inWords } from './print.mjs';
import { replay, withoutControls } from './replay.mjs';

describe('arguments of ask', () => {
  it('are a picture and a question, and that is enough', () => {
    expect(parseAsk(['a.jpg', 'What is it?'])).toEqual({
      picture: 'a.jpg',
      json: false,
      browser: {
        headed: false,
        adapter: 'auto',
        allowSoftware: false,
        remote: null,
        host: '127.0.0.1',
        port: 0,
      },
      request: {
        question: 'What is it?',
        policy: 'coarse-to-fine',
        device: 'auto',
        budgets: {},
      },
    });
  });

  it('may say policy, model, device, budgets and json', () => {
    const argv = 'a.jpg Q --policy coarse-only --model m --device wasm --coarse 64 --json'.split(
      ' ',
    );
    expect(parseAsk(argv)).toMatchObject({
      json: true,
      request: { policy: 'coarse-only', model: 'm', device: 'wasm', budgets: { coarse: 64 } },
    });
  });

  it('may ask more than one question, and for two looks', () => {
    const { request } = parseAsk([
      'a.jpg',
      'Q',
      '--then',
      String.raw`R?\n(A) x`,
      '--then',
      'S',
      '--looks',
      'two',
    ]);
    expect(request).toMatchObject({ question: 'Q', followUps: ['R?\n(A) x', 'S'], looks: 'two' });
  });

  it('may carry options with line breaks as a shell passes them', () => {
    expect(parseAsk(['a.jpg', String.raw`Q?\n(A) x`]).request.question).toBe('Q?\n(A) x');
  });

  it.each([
    [[]],
    [['a.jpg']],
    [['a.jpg', ' ']],
    [['a.jpg', 'What', 'is', 'it?']],
    [['a.jpg', 'Q', '--policy', 'best']],
    [['a.jpg', 'Q', '--device', 'cuda']],
    [['a.jpg', 'Q', '--coarse', '10']],
    [['a.jpg', 'Q', '--then', ' ']],
    [['a.jpg', 'Q', '--looks', 'three']],
    [['a.jpg', 'Q', '--crop', '1e2']],
    [['a.jpg', 'Q', '--what']],
    [['a.jpg', 'Q', '--engine', 'onnx']],
    [['a.jpg', 'Q', '--device', 'wasm', '--gpu']],
  ])('are refused: %j', (argv) => {
    expect(() => parseAsk(argv)).toThrow(UsageError);
  });

  it('know the policies that there are', () => {
    expect(POLICIES).toEqual(Object.keys(DEFINED));
  });
});

describe('a run in words', () => {
  it('streams text, says the region, and what went wrong', () => {
    const step = { index: 0, id: 1, text: 'KR', logProbability: 0, alternatives: [] };
    const token = { type: 'token', stage: 'crop', step, at: 1 } as const;
    expect(inWords({ type: 'run', event: token })).toBe('KR');
    const error = { code: 'cancelled', message: 'The run was cancelled.' } as const;
    expect(inWords({ type: 'failed', error })).toContain('cancelled');
  });
});

describe('a replay', () => {
  it('needs a file and nothing else', () => {
    expect(parseReplay(['a.jpg', 'Q'])).toBeNull();
    expect(parseReplay(['--replay', 'a', '--json'])).toEqual({ file: 'a', json: true });
    expect(parseReplay(['--replay=a'])).toEqual({ file: 'a', json: false });
    for (const argv of [['--replay'], ['--replay', 'a', 'b'], ['--replay', 'a', '--gpu']]) {
      expect(() => parseReplay(argv)).toThrow(UsageError);
    }
  });

  it('says nothing to the terminal itself', () => {
    expect(withoutControls('a\u001B[2Jb\u009Bc\u0007\td\n')).toBe('a[2Jbc\td\n');
  });

  it('tells a saved run as it was, and why another file is none', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'replay-'));
    try {
      const file = path.join(folder, 'a.ergo.json');
      const text = JSON.stringify(await savedRun());
      writeFileSync(file, text);
      const events = await replay(file);
      const reports = events.flatMap((event) => (event.type === 'report' ? [event.report] : []));
      expect(reports.map(({ answer }) => answer)).toEqual(['(B) dog', '(A) cat']);
      expect(events.at(-1)?.type).toBe('report');
      expect(events.map((event) => inWords(event)).join('')).toContain('on the left');
      writeFileSync(file, text.slice(0, -9));
      expect(await replay(file)).toMatchObject([
        { type: 'failed', error: { code: 'run-unreadable' } },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

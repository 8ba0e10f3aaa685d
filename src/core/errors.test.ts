import { describe, expect, it } from 'vitest';
import { ErgoError, fromWire, hasCode, toErgoError, toWire } from './errors.ts';

describe('ErgoError', () => {
  it('keeps code, message, detail and the chain of causes through structured clone', () => {
    const cause = new ErgoError('storage-full', 'Quota exceeded.');
    const error = new ErgoError('download-interrupted', 'Stopped at 3 of 9 MB.', {
      detail: { loaded: 3, total: 9 },
      cause,
    });
    const back = fromWire(structuredClone(toWire(error)));
    expect(back).toBeInstanceOf(ErgoError);
    expect(back.code).toBe('download-interrupted');
    expect(back.message).toBe('Stopped at 3 of 9 MB.');
    expect(back.detail).toEqual({ loaded: 3, total: 9 });
    expect(hasCode(back.cause, 'storage-full')).toBe(true);
  });

  it('crosses with foreign errors as causes, each with its own cause', () => {
    const foreign = new TypeError('no function', { cause: 'text' });
    const error = new ErgoError('session-failed', 'Not started.', { cause: foreign });
    const { cause } = toWire(error);
    expect(cause).toMatchObject({ code: 'internal', message: 'no function' });
    expect(cause?.cause).toMatchObject({ message: 'text' });
    expect(toWire(foreign).cause).toMatchObject({ message: 'text' });
  });

  it('says what to do next', () => {
    expect(new ErgoError('weights-corrupt', 'x').nextStep).toMatch(/^Load the model again/);
  });

  it('maps an abort to cancelled and anything unknown to the given fallback', () => {
    expect(toErgoError(new DOMException('stop', 'AbortError')).code).toBe('cancelled');
    expect(toErgoError(new TypeError('x'), 'session-failed').code).toBe('session-failed');
    expect(toErgoError('text').message).toBe('text');
  });
});

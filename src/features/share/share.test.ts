import { afterEach, describe, expect, it, vi } from 'vitest';
import { recorded, savedRun } from '../../core/share/testing.ts';
import { foldRun, reportOf } from '../../core/run/fold.ts';
import type { PolicyName } from '../../core/run/events.ts';
import type { Asked, AskedList } from '../../core/session/asked.ts';
import { exhibitOf, questionOf, runsOf, type ExhibitPicture } from './exhibit.ts';
import { nameOf } from './file-name.ts';
import { encodedIn } from './replay-address.ts';
import { useReplay } from './replay-store.ts';

const picture: ExhibitPicture = {
  name: null,
  sample: null,
  info: { width: 4000, height: 3000, nativeTokens: 1, type: '', bytes: 1 },
  drawable: async () => null,
};

async function asked(id: number, policy: PolicyName, text: string): Promise<Asked> {
  const [events = []] = await recorded([policy]);
  const state = foldRun(events);
  return { id, policy, text, events, state, report: reportOf(state), model: null, memory: null };
}

describe('what is shared', () => {
  it('is the answer that is shown, with the baseline of the same question beside it', async () => {
    const looks = await asked(1, 'coarse-to-fine', 'What is it?');
    const same = await asked(2, 'full-resolution', 'What is it?');
    const other = await asked(3, 'full-resolution', 'And where?');
    const list = (baseline: Asked): AskedList => ({
      asked: [looks, baseline],
      shown: { looks: 1, baseline: baseline.id },
    });
    const both = exhibitOf(list(same), 'looks', picture);
    expect(both && runsOf(both)).toEqual([looks, same]);
    expect(exhibitOf(list(other), 'looks', picture)).toMatchObject({ baseline: null });
    expect(exhibitOf(list(same), 'baseline', picture)).toMatchObject({
      main: same,
      baseline: null,
    });
    expect(both && questionOf(both.main)).toBe('What is it?\n(A) cat\n(B) dog');
  });

  it('is nothing while there is no answer', async () => {
    const looks = { ...(await asked(1, 'coarse-to-fine', 'What is it?')), report: null };
    const list = { asked: [looks], shown: { looks: 1, baseline: null } };
    expect(exhibitOf(list, 'looks', picture)).toBeNull();
    expect(exhibitOf(list, 'baseline', picture)).toBeNull();
  });

  it('is saved under a name that says what it is', () => {
    expect(nameOf('What does the tag say?', '.png')).toBe('what-does-the-tag-say.png');
    expect(nameOf('../../etc/passwd: "C:\\x"', '.png')).toBe('etc-passwd-c-x.png');
    expect(nameOf('何と書いてありますか', '.png')).toBe('何と書いてありますか.png');
    expect(nameOf('a '.repeat(99), '.png').length).toBeLessThan(56);
    expect(nameOf('𠮷'.repeat(60), '.png')).toBe(`${'𠮷'.repeat(48)}.png`);
    expect(nameOf('?', '.ergo.json')).toBe('answer.ergo.json');
  });

  it('lies behind an address of its own', () => {
    expect(encodedIn('/run/1abc')).toBe('1abc');
    for (const place of ['/', '/benchmark', '', 'run/1abc']) expect(encodedIn(place)).toBeNull();
  });
});

describe('a replay', () => {
  afterEach(() => useReplay.getState().close());

  it('of a file takes the page; what is no run is left to others', async () => {
    const text = JSON.stringify(await savedRun());
    const { openFile } = useReplay.getState();
    expect(await openFile(new File(['GIF89a'], 'a.gif'))).toBe(false);
    expect(useReplay.getState().status).toBe('none');
    expect(await openFile(new File([text], 'a.json'))).toBe(true);
    const { status, from, replayed } = useReplay.getState();
    expect([status, from]).toEqual(['shown', 'file']);
    expect(replayed?.exhibit.main.state.answer?.text).toBe('(B) dog');
    expect(replayed?.exhibit.baseline?.state.answer?.text).toBe('(A) cat');
  });

  it('of a damaged file says so', async () => {
    expect(await useReplay.getState().openFile(new File(['{'], 'a.ergo.json'))).toBe(true);
    expect(useReplay.getState()).toMatchObject({
      status: 'failed',
      replayed: null,
      error: { code: 'run-unreadable' },
    });
  });

  it('that was closed, or followed by another, does not come after all', async () => {
    const { openLink, openFile, close } = useReplay.getState();
    const closed = openLink('1abc');
    close();
    await closed;
    expect(useReplay.getState().status).toBe('none');
    const older = openLink('1abc');
    const newer = openFile(new File([JSON.stringify(await savedRun())], 'a.json'));
    await Promise.all([older, newer]);
    await vi.waitFor(() => expect(useReplay.getState().status).toBe('shown'));
  });
});

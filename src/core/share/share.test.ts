import { describe, expect, it } from 'vitest';
import { hasCode } from '../errors.ts';
import { foldRun, reportOf, type RunState } from '../run/fold.ts';
import { toBase64Url } from './base64.ts';
import { deflated } from './deflate.ts';
import { decodeRun, encodeRun, MOST_CHARACTERS } from './link.ts';
import { parseSavedRun, readSavedRun } from './read.ts';
import { replayed } from './replayed.ts';
import {
  isSavedRun,
  savedEvents,
  withPreviews,
  type SavedEvent,
  type SavedRun,
} from './saved-run.ts';
import { blobOf, plainWebp, readStill, stillOf } from './still.ts';
import { JPEG, PNG, recorded, savedRun, WEBP } from './testing.ts';

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(base64, 'base64'));
const statesOf = ({ runs }: SavedRun): RunState[] =>
  runs.map(({ events }) => foldRun(withPreviews(events)));

/** What the page shows of a run, to the precision in which it shows it. */
function shown(state: RunState) {
  const { answer, notices, regions, stages, elapsed } = state;
  return {
    answer,
    notices,
    regions: regions.map(({ original, source }) => ({ original, source })),
    texts: stages.map(({ name, text, tokens, firstTokenAt }) => [
      name,
      text,
      tokens,
      firstTokenAt?.toFixed(2),
    ]),
    account: reportOf(state)?.visionTokens,
    prefill: reportOf(state)?.prefill,
    elapsed: elapsed.toFixed(2),
  };
}

const tokens = ({ runs }: SavedRun): string[] =>
  runs.flatMap(({ events }) =>
    events.flatMap((event) => (event.type === 'token' ? [event.step.text] : [])),
  );

/** A link of anything. */
async function of(content: string): Promise<string> {
  return `1${toBase64Url(await deflated(new TextEncoder().encode(content)))}`;
}

/** The beginning of a chunk of a WebP. */
const chunk = (name: string, length: number): number[] => [
  ...Buffer.from(name),
  ...new Uint8Array(new Uint32Array([length]).buffer),
];

async function refused(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (thrown) {
    if (hasCode(thrown, 'run-unreadable')) return thrown.message;
    throw thrown;
  }
  return '';
}

describe('a saved run', () => {
  it('comes back as it was, event by event, with its pictures', async () => {
    const [events = []] = await recorded(['coarse-to-fine']);
    const bitmap = {} as ImageBitmap;
    const seen = events.map((event) =>
      event.type === 'picture-viewed' && event.view.patches.kind === 'crop'
        ? { ...event, view: { ...event.view, preview: bitmap } }
        : event,
    );
    const saved = { events: savedEvents(seen, new Map([[bitmap, WEBP]])), memory: null };
    const whole = { ...(await savedRun({ name: 'a.jpg', preview: JPEG })), runs: [saved] };
    const back = parseSavedRun(JSON.stringify(whole));
    expect(back).toEqual(whole);
    const [run] = back.runs;
    const still = run?.events.flatMap((event) =>
      event.type === 'picture-viewed' ? (event.view.preview ?? []) : [],
    )[0];
    expect(still).toEqual(WEBP);
    expect(withPreviews(run?.events ?? [], new Map(still && [[still, bitmap]]))).toEqual(seen);
  });

  it('is told to scripts as a run was: every event, then the report', async () => {
    const saved = await savedRun();
    const told = replayed(JSON.stringify(saved));
    const { length } = saved.runs.flatMap(({ events }) => events);
    expect(told).toHaveLength(length + 2);
    expect(told.at(-1)).toMatchObject({ type: 'report', report: { answer: '(A) cat' } });
    expect(replayed('{')).toMatchObject([{ type: 'failed', error: { code: 'run-unreadable' } }]);
  });

  it('is known by its name or by its beginning', async () => {
    const text = JSON.stringify(await savedRun());
    expect(await isSavedRun(new Blob([text]), 'photo.jpg')).toBe(true);
    expect(await isSavedRun(new Blob(['x']), 'A.ERGO.JSON')).toBe(true);
    expect(await isSavedRun(new Blob([bytesOf(JPEG.data)]), 'photo.jpg')).toBe(false);
    expect(await isSavedRun(new Blob([]), 'run.json')).toBe(false);
  });

  it('that is cut off anywhere is refused', async () => {
    const text = JSON.stringify(await savedRun());
    const step = Math.ceil(text.length / 200);
    for (let end = 0; end < text.length; end += step) {
      expect(await refused(() => parseSavedRun(text.slice(0, end)))).toMatch(/^The file/);
    }
  });

  it('says what is wrong with it', async () => {
    const saved = await savedRun({ preview: WEBP });
    const [looks, baseline] = saved.runs;
    const told = async (change: object): Promise<string> =>
      refused(() => parseSavedRun(JSON.stringify({ ...saved, ...change })));
    expect(await told({ format: 'other' })).toBe('The file is not a saved run.');
    expect(await told({ version: 2 })).toMatch(/newer version/);
    expect(await told({ version: 0 })).toBe('The file is damaged at version.');
    expect(await told({ runs: [] })).toBe('The file is damaged at runs.');
    expect(await told({ runs: [looks, looks] })).toBe('The file holds a run twice.');
    expect(await told({ runs: [baseline] })).toBe('');
    const { events = [] } = looks ?? {};
    const lacking = (type: string) => [
      { ...looks, events: events.filter((event) => event.type !== type) },
    ];
    for (const type of ['run-started', 'answered', 'run-finished']) {
      expect(await told({ runs: lacking(type) })).toBe('The file holds no whole run.');
    }
    expect(await told({ picture: { ...saved.picture, preview: { ...WEBP, width: 17 } } })).toBe(
      'A picture in it is damaged.',
    );
    expect(await refused(() => parseSavedRun('null'))).toBe('The file is not a saved run.');
  });

  it('cannot fill the page or the memory', async () => {
    const saved = await savedRun({ preview: WEBP });
    const [looks] = saved.runs;
    const { events = [] } = looks ?? {};
    const told = async (changed: readonly SavedEvent[]): Promise<string> =>
      refused(() =>
        parseSavedRun(JSON.stringify({ ...saved, runs: [{ ...looks, events: changed }] })),
      );
    const many = (type: string, times: number) =>
      events.flatMap((event) =>
        event.type === type ? Array<SavedEvent>(times).fill(event) : [event],
      );
    expect(await told(many('stage-started', 2000))).toMatch(/more than any/);
    expect(await told(many('picture-viewed', 40))).toMatch(/more than any/);
    const long = events.map((event) =>
      event.type === 'run-started'
        ? { ...event, picture: { ...event.picture, width: 1, height: 4000 } }
        : event,
    );
    expect(await told(long)).toMatch(/damaged at runs.0.events.0.picture/);
    const large = events.map((event) =>
      event.type === 'picture-viewed'
        ? { ...event, view: { ...event.view, preview: { ...WEBP, width: 5000, height: 5000 } } }
        : event,
    );
    expect(await told(large)).toMatch(/more than any/);
  });

  it('lets nothing through that is not named, and no text without end', async () => {
    const saved = await savedRun();
    const back = parseSavedRun(JSON.stringify({ ...saved, html: '<b>' }));
    expect(back).toEqual(saved);
    const long = { ...saved, picture: { ...saved.picture, name: 'a'.repeat(300) } };
    expect(await refused(() => parseSavedRun(JSON.stringify(long)))).toMatch(/picture\.name/);
    const file = { size: 21e6 } as Blob;
    expect(await refused(() => readSavedRun(file))).toMatch(/larger/);
  });
});

describe('a picture inside', () => {
  it('is a JPEG or a WebP of the size that it claims', async () => {
    for (const [still, type] of [
      [WEBP, 'image/webp'],
      [JPEG, 'image/jpeg'],
    ] as const) {
      expect(stillOf(bytesOf(still.data))).toEqual(still);
      const blob = blobOf(still);
      expect(blob.type).toBe(type);
      expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytesOf(still.data));
    }
  });

  it('loses what a browser wraps around a WebP', () => {
    const plain = bytesOf(WEBP.data);
    const extended = [...chunk('VP8X', 10), ...Array<number>(10).fill(0)];
    const profile = [...chunk('ICCP', 3), 1, 2, 3, 0];
    const body = [...Buffer.from('WEBP'), ...extended, ...profile, ...plain.subarray(12)];
    const wrapped = Uint8Array.from([...chunk('RIFF', body.length), ...body]);
    expect(readStill(wrapped)).toBeNull();
    expect(plainWebp(wrapped)).toEqual(plain);
    expect(plainWebp(plain)).toBe(plain);
    expect(plainWebp(wrapped.subarray(0, 40))).toEqual(wrapped.subarray(0, 40));
  });

  it('is nothing else, and not larger than a screen', () => {
    expect(readStill(bytesOf(PNG))).toBeNull();
    expect(
      readStill(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>')),
    ).toBeNull();
    const large = bytesOf(WEBP.data);
    new DataView(large.buffer).setUint32(26, 0x3f_ff_3f_ff, true);
    expect(readStill(large)).toBeNull();
    for (const { data } of [WEBP, JPEG]) {
      for (let end = 0; end < 29; end++)
        expect(readStill(bytesOf(data).subarray(0, end))).toBeNull();
    }
  });
});

describe('a link', () => {
  it('shows the same answer, texts, regions and account', async () => {
    const saved = await savedRun({ sample: 'old-map', preview: WEBP, name: 'mine.jpg' });
    const text = await encodeRun(saved);
    const back = await decodeRun(text);
    expect(statesOf(back).map(shown)).toEqual(statesOf(saved).map(shown));
    expect(back.picture).toEqual({ sample: 'old-map', preview: WEBP, name: null });
    expect(tokens(back)).toEqual(tokens(saved));
  });

  it('is short, and made of characters that need no escape', async () => {
    const text = await encodeRun(await savedRun());
    expect(text).toMatch(/^1[\w-]+$/);
    expect(text.length).toBeLessThan(3000);
  });

  it('tells nothing of the graphics device and the file', async () => {
    const saved = await savedRun({ name: 'salary.png' });
    const [looks] = saved.runs;
    const [start, ...rest] = looks?.events ?? [];
    if (start?.type !== 'run-started') throw new Error('no start');
    const device = { ...start.device, adapter: 'nvidia rtx' };
    const back = await decodeRun(
      await encodeRun({
        ...saved,
        runs: [{ events: [{ ...start, device }, ...rest], memory: null }],
      }),
    );
    expect(JSON.stringify(back)).not.toMatch(/nvidia|salary/);
  });

  it('with one character changed, lost or added anywhere is refused, or says the same', async () => {
    const saved = await savedRun({ preview: WEBP });
    const text = await encodeRun({ ...saved, runs: saved.runs.slice(1) });
    const right = JSON.stringify(await decodeRun(text));
    // A few bits of a zlib stream mean nothing.
    const check = async (damaged: string): Promise<void> => {
      const message = await refused(async () =>
        expect(JSON.stringify(await decodeRun(damaged))).toBe(right),
      );
      sames += message === '' ? 1 : 0;
    };
    let sames = 0;
    for (let at = 0; at < text.length; at++) {
      const [before, after] = [text.slice(0, at), text.slice(at + 1)];
      await check(`${before}${text[at] === 'A' ? 'B' : 'A'}${after}`);
      if (at % 8 > 0) continue;
      await check(`${before}%${after}`);
      await check(before + after);
      await check(before);
    }
    await check(`${text}A`);
    await check(`${text}AAAA`);
    expect(sames).toBeLessThan(3);
  });

  it('of another kind, of a newer page, or without measure is refused', async () => {
    expect(await refused(() => decodeRun('2abc'))).toMatch(/newer/);
    expect(await refused(async () => decodeRun(await of('null')))).toMatch(/not whole/);
    expect(await refused(async () => decodeRun(await of('{"runs":[null]}')))).toMatch(/not whole/);
    expect(await refused(async () => decodeRun(await of('{"sample":null,"runs":[]}')))).toMatch(
      /runs/,
    );
    const bomb = await of(' '.repeat(5e6));
    expect(bomb.length).toBeLessThan(MOST_CHARACTERS);
    expect(await refused(() => decodeRun(bomb))).toMatch(/more than/);
    expect(await refused(() => decodeRun('1'.repeat(MOST_CHARACTERS + 1)))).toMatch(/longer/);
    const hole = {
      type: 'tokens',
      stage: 'coarse',
      at: 1,
      index: 0,
      ids: [1, 2],
      texts: ['a'],
      logs: [0],
      after: [0],
    };
    const saved = await savedRun();
    const holed = {
      sample: null,
      runs: [{ events: [...(saved.runs[0]?.events ?? []), hole], memory: null }],
    };
    expect(await refused(async () => decodeRun(await of(JSON.stringify(holed))))).toMatch(
      /damaged/,
    );
  });
});

/**
 * Reader of the V* Bench layout (craigwu/vstar_bench): `test_questions.jsonl`, pictures, and a JSON
 * of the same stem beside each picture. Whoever calls says how a file is read, so that a folder of a
 * page, of a disk and of a server are read alike. Same rules as training/runtime/dataset.py.
 */
import { ErgoError } from '../errors.ts';
import { chosenOption } from '../protocol/options.ts';
import { letterOf, splitQuestion } from '../protocol/question.ts';
import { readItems, UnfitLabel, type Dataset, type TruthBox } from './item.ts';
import { z } from '../zod.ts';

/** Below the dataset's folder. */
export const VSTAR_QUESTIONS = 'test_questions.jsonl';

const line = z.object({
  image: z.string().min(1),
  text: z.string().min(1),
  category: z.string().default('all'),
  question_id: z.union([z.string(), z.number()]),
  label: z.union([z.string(), z.number()]),
});

const beside = z.object({
  bbox: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])).nullish(),
});

/** @returns null if there is no such file */
export type ReadFile = (path: string) => Promise<Blob | null>;

/**
 * @param read of a file by its path below the dataset's folder
 * @throws ErgoError `dataset-unreadable`
 */
export async function openVstar(name: string, read: ReadFile): Promise<Dataset> {
  const questions = await read(VSTAR_QUESTIONS);
  if (questions === null) {
    throw new ErgoError('dataset-unreadable', `${name} holds no ${VSTAR_QUESTIONS}.`);
  }
  const { items: rows, refused } = readVstar(await questions.text());
  const items = rows.map(async (item) => {
    const path = vstarBoxesPath(item.image);
    const boxes = await read(path);
    return boxes === null ? item : { ...item, boxes: readVstarBoxes(await boxes.text(), path) };
  });
  return {
    name,
    items: await Promise.all(items),
    refused,
    async picture({ image }) {
      const file = await read(image);
      if (file !== null) return file;
      throw new ErgoError('dataset-unreadable', `${name} lacks the picture ${image}.`);
    },
  };
}

/**
 * @param text of test_questions.jsonl
 * @returns items in the order of the file, without boxes; lines whose label fits nothing are refused
 * @throws ErgoError `dataset-unreadable`, with the number of the line
 */
export function readVstar(text: string): Pick<Dataset, 'items' | 'refused'> {
  const read = readItems(text.split(/\r?\n/).entries(), ([index, row]) => {
    if (row.trim() === '') return [];
    const where = `${VSTAR_QUESTIONS}, line ${index + 1}`;
    const { question_id: id, label, ...entry } = parse(line, row, where);
    const { options } = splitQuestion(entry.text);
    return [
      { ...entry, id: String(id), options, label: labelOf(label, options, where), boxes: [] },
    ];
  });
  if (read.items.length > 0) return read;
  throw new ErgoError('dataset-unreadable', `${VSTAR_QUESTIONS} holds no questions.`);
}

/**
 * @param label a number counts the options from 0, unless it is the text of one
 * @throws UnfitLabel
 */
function labelOf(label: string | number, options: readonly string[], where: string): string {
  const text = String(label);
  if (options.length === 0 || chosenOption(text, options) !== null) return text;
  if (typeof label === 'number' && Number.isInteger(label) && label in options) {
    return letterOf(label);
  }
  throw new UnfitLabel(where, text, options);
}

/** Where the boxes of a picture lie: "a/b.jpg" -> "a/b.json". */
export function vstarBoxesPath(image: string): string {
  return image.replace(/\.[^./]*$/, '') + '.json';
}

/**
 * @param text of the JSON beside a picture
 * @param path for the message
 * @throws ErgoError `dataset-unreadable`
 */
export function readVstarBoxes(text: string, path: string): readonly TruthBox[] {
  return parse(beside, text, path).bbox ?? [];
}

function parse<T extends z.ZodType>(schema: T, text: string, where: string): z.infer<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ErgoError('dataset-unreadable', `${where} is not JSON.`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const problem = issue ? `${issue.path.join('.')}: ${issue.message}` : 'another format';
  throw new ErgoError('dataset-unreadable', `${where}: ${problem}`, { cause: result.error });
}

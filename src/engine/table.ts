/** What handles stand for. */
import { ErgoError } from '../core/errors.ts';

export interface Table<Id extends string, T> {
  add(value: T): Id;
  /** @throws ErgoError `bad-request` for a released or foreign handle */
  get(id: Id): T;
  set(id: Id, value: T): void;
  /** @returns undefined if it was removed before */
  remove(id: Id): T | undefined;
  values(): T[];
}

/** @param what for messages, "context" */
export function createTable<Id extends string, T>(what: string): Table<Id, T> {
  const entries = new Map<Id, T>();
  let next = 1;
  return {
    add(value) {
      const id = `${what}-${next++}` as Id;
      entries.set(id, value);
      return id;
    },
    get(id) {
      const value = entries.get(id);
      if (value === undefined) throw new ErgoError('bad-request', `The ${what} was released.`);
      return value;
    },
    set: (id, value) => void entries.set(id, value),
    remove(id) {
      const value = entries.get(id);
      entries.delete(id);
      return value;
    },
    values: () => [...entries.values()],
  };
}

/** How much of its room a long question takes, counted by the model that would read it. */
import { useEffect, useState } from 'react';
import { questionRoom } from '../../core/session/question-room.ts';
import { count } from '../../ui/format.ts';
import { useModel } from '../models/model-store.ts';
import { useAsk } from './ask-store.ts';
import styles from './ask.module.css';

/** Share of the room above which it is told. */
const NEAR = 0.8;
/** Milliseconds without a change. */
const CALM = 300;

/** @returns null while there is no need to think of it */
export function lengthTold(tokens: number, room: number): string | null {
  if (tokens < NEAR * room) return null;
  const of = `${count(tokens)} tokens`;
  return tokens > room
    ? `This question is too long: ${of}, and about ${count(room)} fit.`
    : `${of} of about ${count(room)} that fit.`;
}

export function QuestionLength() {
  const question = useAsk((state) => state.question);
  const policy = useAsk((state) => state.policy);
  const chosen = useAsk((state) => state.budgets);
  const model = useModel((state) => state.model);
  const [counted, setCounted] = useState<{ readonly of: string; readonly tokens: number }>();
  const room = model
    ? questionRoom(model.info, policy, { ...model.info.profile.budgets, ...chosen })
    : Infinity;
  // No text has more tokens than bytes, and no character more than four of them.
  const isShort = 4 * question.length < NEAR * room;

  useEffect(() => {
    if (!model || isShort) return;
    const timer = setTimeout(() => {
      model.count(question).then(
        (tokens) => setCounted({ of: question, tokens }),
        // Whoever asks is told what is wrong with the model.
        () => undefined,
      );
    }, CALM);
    return () => clearTimeout(timer);
  }, [question, model, isShort]);

  const told = counted?.of === question && !isShort ? lengthTold(counted.tokens, room) : null;
  return told !== null && <p className={styles.soft}>{told}</p>;
}

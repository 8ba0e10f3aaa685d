/** The first look while a person is still typing. */
import { useEffect } from 'react';
import { useAsk } from './ask-store.ts';
import { useModel } from '../models/model-store.ts';

/** Milliseconds without a change: a budget is dragged through many sizes. */
const CALM = 150;

/** Begins it whenever picture, model, budget or way of looking are new and nothing is asked. */
export function useLookAhead(): void {
  const session = useAsk((state) => state.session);
  const policy = useAsk((state) => state.policy);
  const budgets = useAsk((state) => state.budgets);
  const isIdle = useAsk((state) => state.asked.running === null);
  const model = useModel((state) => state.model);

  useEffect(() => {
    if (!session || !model || !isIdle) return;
    const timer = setTimeout(() => void session.lookAhead(model, { policy, budgets }), CALM);
    return () => clearTimeout(timer);
  }, [session, model, policy, budgets, isIdle]);

  useEffect(() => {
    // A model that was let go, or a page that the browser is about to put to sleep.
    const relieve = (): void => void session?.relieve();
    if (!model) relieve();
    document.addEventListener('freeze', relieve);
    return () => document.removeEventListener('freeze', relieve);
  }, [session, model]);
}

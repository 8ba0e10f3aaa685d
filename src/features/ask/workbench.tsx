import { useState, type ReactNode } from 'react';
import type { ModelProfile } from '../../core/contracts/profile.ts';
import { fromWire } from '../../core/errors.ts';
import { coarseToOriginal } from '../../core/geometry/frames.ts';
import { smartResize } from '../../core/geometry/resize.ts';
import type { Box } from '../../core/geometry/size.ts';
import { liveBox } from '../../core/protocol/live-zoom.ts';
import { cropsOf, IDLE_RUN } from '../../core/run/fold.ts';
import { laneOf, shownIn } from '../../core/session/asked.ts';
import { Button } from '../../ui/button.tsx';
import { said } from '../../ui/format.ts';
import { FailureMessage, Message } from '../../ui/message.tsx';
import { useAsk, type ShownPicture } from './ask-store.ts';
import styles from './ask.module.css';
import { Crops } from './crops.tsx';
import { Lens } from './lens.tsx';
import { namedBox, whyLarger } from './named-box.ts';
import { Notices } from './notices.tsx';
import { PromptsSection } from '../prompts/prompts.tsx';
import { QuestionForm } from './question-form.tsx';
import { StageTexts } from './stage-text.tsx';
import { Sureness } from './sureness.tsx';

interface Props {
  readonly picture: ShownPicture;
  readonly profile: ModelProfile;
  /** Beside the answer. */
  readonly share?: ReactNode;
}

/** The picture on one side, question and answer on the other. */
export function Workbench({ picture, profile, share }: Props) {
  const policy = useAsk((state) => state.policy);
  const lane = laneOf(policy);
  const run = useAsk((state) => shownIn(state.asked, lane)?.state ?? IDLE_RUN);
  const isAsking = useAsk((state) => state.asked.running === lane);
  const isRunning = isAsking && run.status === 'running';
  const budgets = useAsk((state) => state.budgets);
  const isAsked = useAsk((state) => state.question.trim() !== '');
  const ask = useAsk((state) => state.ask);
  // Belongs to the run during which it was drawn; a newer run's region replaces it.
  const [hand, setHand] = useState<{ region: Box<'coarse'>; run: unknown } | null>(null);

  const { image, region: rules, coordinates } = profile;
  const maxTokens = budgets.coarse ?? profile.budgets.coarse;
  const view = run.stages[0]?.views[0] ?? null;
  const seen = view?.patches.kind === 'coarse' ? view.patches.size : null;
  const coarse = seen ?? smartResize(picture.info, { ...image, maxTokens });
  // One region can be moved; of several, the path is shown.
  const path = run.regions.length > 1 ? run.regions.map(({ coarse }) => coarse) : [];
  const chosen = path.length > 0 ? null : (run.regions[0]?.coarse ?? null);
  const isDrawn = hand !== null && hand.run === run.started && !isRunning;
  const region = isDrawn
    ? hand.region
    : (chosen ?? (isRunning ? liveBox(run.zoom, coordinates, coarse) : null));
  const named = isDrawn ? null : namedBox(run, profile, coarse);
  const again = (drawn: Box<'coarse'>): void =>
    void ask('coarse-to-fine', coarseToOriginal(drawn, coarse, picture.info));

  return (
    <div className={styles.bench}>
      <Lens
        picture={picture}
        coarse={coarse}
        minSide={rules.minSide}
        view={view}
        region={region}
        named={named}
        path={isDrawn ? [] : path}
        isLive={isRunning}
        onRegion={(drawn) => setHand({ region: drawn, run: run.started })}
      />
      <div className={styles.side}>
        <h2 className={styles.unseen}>Question and answer</h2>
        <QuestionForm suggestions={picture.suggestions} />
        <PromptsSection />
        {isDrawn && (
          <Button look="main" disabled={!isAsked} onClick={() => again(hand.region)}>
            Ask again about this region
          </Button>
        )}
        {picture.info.animated && (
          <Message kind="notice" title="This picture moves; only its first frame is looked at." />
        )}
        {run.error && <Failure error={fromWire(run.error)} />}
        <div aria-live="polite">
          {run.answer && (
            <p className={styles.answer} data-testid="answer">
              {said(run.answer.text)}
            </p>
          )}
          <Sureness run={run} />
        </div>
        {share}
        <Notices notices={run.notices} />
        <Crops crops={cropsOf(run)} isNumbered={path.length > 0} />
        {named && <p className={styles.soft}>{whyLarger(profile)}</p>}
        <StageTexts stages={run.stages} isRunning={isRunning} />
      </div>
    </div>
  );
}

export function Failure({ error }: { error: ReturnType<typeof fromWire> }) {
  if (error.code === 'cancelled') return <Message kind="notice" title="Stopped." />;
  return <FailureMessage error={error} />;
}

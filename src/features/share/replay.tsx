import { useEffect, useRef } from 'react';
import { fromWire } from '../../core/errors.ts';
import { cropsOf } from '../../core/run/fold.ts';
import { laneOf } from '../../core/session/asked.ts';
import { Button } from '../../ui/button.tsx';
import { said } from '../../ui/format.ts';
import { FailureMessage } from '../../ui/message.tsx';
import styles from '../ask/ask.module.css';
import { Crops } from '../ask/crops.tsx';
import { Notices } from '../ask/notices.tsx';
import { StageTexts } from '../ask/stage-text.tsx';
import { Sureness } from '../ask/sureness.tsx';
import { Comparison } from '../compare/comparison.tsx';
import { titleOf as laneTitle } from '../compare/lane-report.ts';
import { AskAnew } from './ask-anew.tsx';
import { startedOf } from './exhibit.ts';
import own from './replay.module.css';
import type { Replayed } from './replay-store.ts';
import { ReplayPicture } from './replay-picture.tsx';
import { ShareButton } from './share-button.tsx';
import { usePlayback } from './use-playback.ts';

interface Props {
  readonly replayed: Replayed;
  readonly isLink: boolean;
  readonly onClose: () => void;
}

/** A run of another time or place, as it was; nothing is computed for it. */
export function Replay({ replayed, isLink, onClose }: Props) {
  const { exhibit } = replayed;
  const { picture, main, baseline } = exhibit;
  const started = startedOf(main);
  const { state: run, isPlaying, play, stop } = usePlayback(main);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const isLooks = laneOf(started.policy) === 'looks';
  return (
    <>
      <section className={own.banner} aria-labelledby="replayed">
        <h2 id="replayed" ref={heading} tabIndex={-1}>
          {isLink ? 'Replayed from a link' : 'Replayed from a file'}
        </h2>
        <p>
          Nothing was computed here, and nothing can vouch for it: this is what {started.model.id}{' '}
          is said to have answered elsewhere.
        </p>
        <div className={own.actions}>
          <AskAnew exhibit={exhibit} />
          <Button onClick={onClose}>Close</Button>
        </div>
      </section>
      <div className={styles.bench}>
        <ReplayPicture picture={picture} run={run} />
        <div className={styles.side}>
          <h2 className={styles.unseen}>Question and answer</h2>
          <div className={own.question} dir="auto" data-testid="question">
            <p>{started.question}</p>
            {started.options.length > 0 && (
              <ol type="A">
                {started.options.map((option, index) => (
                  <li key={`${index} ${option}`}>{option}</li>
                ))}
              </ol>
            )}
          </div>
          {run.error && <FailureMessage error={fromWire(run.error)} />}
          <div aria-live="polite">
            {run.answer && (
              <p className={styles.answer} data-testid="answer" dir="auto">
                {said(run.answer.text)}
              </p>
            )}
            <Sureness run={run} />
          </div>
          <div className={own.actions}>
            {isPlaying ? (
              <Button look="small" onClick={stop}>
                Show the end
              </Button>
            ) : (
              <Button look="small" onClick={play}>
                Play it
              </Button>
            )}
            <ShareButton exhibit={exhibit} />
          </div>
          <Notices notices={run.notices} />
          <Crops crops={cropsOf(run)} isNumbered={run.regions.length > 1} />
          <StageTexts stages={run.stages} isRunning={isPlaying} />
        </div>
      </div>
      <Comparison
        title={laneTitle(started.policy)}
        looks={isLooks ? { state: run, memory: main.memory } : null}
        baseline={isLooks ? baseline : { state: run, memory: main.memory }}
        fullTokens={started.fullResolutionTokens}
      />
    </>
  );
}

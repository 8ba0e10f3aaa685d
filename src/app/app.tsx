import { useEffect } from 'react';
import { Route, Router, Switch } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { importAgain } from '../core/again.ts';
import { useAsk } from '../features/ask/ask-store.ts';
import { useModel } from '../features/models/model-store.ts';
import { ModelStatus } from '../features/models/model-status.tsx';
import { UpdateBar } from '../features/offline/update-bar.tsx';
import { usePanel } from '../features/models/panel-store.ts';
import { useReplay } from '../features/share/replay-store.ts';
import { Button } from '../ui/button.tsx';
import { later } from '../ui/later.tsx';
import '../ui/theme.css';
import styles from './app.module.css';
import { AskPage } from './ask-page.tsx';
import { Boundary } from './boundary.tsx';
import { PageLinks } from './page-links.tsx';

/** Behind the hash, so that any static host can serve every page. */
const ADDRESSES = { hook: useHashLocation };

const Benchmark = later(() =>
  importAgain(() => import('../features/benchmark/benchmark.tsx')).then(
    ({ Benchmark }) => Benchmark,
  ),
);
const ModelPanel = later(() =>
  importAgain(() => import('../features/models/panel.tsx')).then(({ Panel }) => Panel),
);

export function App() {
  const picture = useAsk((state) => state.picture);
  const leave = useAsk((state) => state.leave);
  const panel = usePanel();
  const discover = useModel((state) => state.discover);

  const isReplayed = useReplay((state) => state.status !== 'none');
  const isModelKnown = useModel((state) => state.offer !== null);

  // A run that is replayed needs nothing of a model.
  useEffect(() => {
    if (!isReplayed) void discover();
  }, [discover, isReplayed]);

  return (
    <Router {...ADDRESSES}>
      <div className={styles.page}>
        <header className={styles.top}>
          <div className={styles.header}>
            <h1>ergo-web</h1>
            <PageLinks />
            <Route path="/">
              {picture && !isReplayed && (
                <Button look="small" onClick={leave}>
                  Another picture
                </Button>
              )}
            </Route>
          </div>
          <UpdateBar />
          {(isModelKnown || !isReplayed) && <ModelStatus />}
        </header>
        {panel.isOpen && (
          <Boundary>
            <ModelPanel onClose={panel.close} />
          </Boundary>
        )}
        <main className={styles.main}>
          <Switch>
            <Route path="/benchmark">
              <Boundary>
                <Benchmark />
              </Boundary>
            </Route>
            <Route>
              <AskPage />
            </Route>
          </Switch>
        </main>
        <footer className={styles.footer}>
          Runs in this tab. Pictures and questions are sent nowhere.
        </footer>
      </div>
    </Router>
  );
}

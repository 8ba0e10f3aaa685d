import { useEffect } from 'react';
import { useLocation } from 'wouter';
import styles from './app.module.css';

const PAGES = [
  { path: '/', name: 'Ask' },
  { path: '/benchmark', name: 'Benchmark' },
] as const;

/** The way to the other pages; also names the tab. An unknown address is the first page. */
export function PageLinks() {
  const [path] = useLocation();
  const current = PAGES.find((page) => page.path === path) ?? PAGES[0];
  useEffect(() => {
    document.title = current === PAGES[0] ? 'ergo-web' : `${current.name} · ergo-web`;
  }, [current]);
  return (
    <nav aria-label="Pages" className={styles.pages}>
      {PAGES.map(({ path, name }) => (
        <a key={path} href={`#${path}`} aria-current={path === current.path ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

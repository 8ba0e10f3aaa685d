import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { openDoor } from './app/automation.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root.');
openDoor();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

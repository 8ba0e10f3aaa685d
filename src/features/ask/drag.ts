import type { PointerEvent as ReactPointerEvent } from 'react';

/**
 * Follows a pointer until it is let go, also outside of the element that it was pressed on.
 * Other buttons than the first are left to the browser.
 */
export function followDrag(
  event: ReactPointerEvent<HTMLElement>,
  onMove: (at: { readonly clientX: number; readonly clientY: number }) => void,
): void {
  if (event.button !== 0) return;
  const element = event.currentTarget;
  const over = new AbortController();
  const { signal } = over;
  element.setPointerCapture(event.pointerId);
  element.addEventListener('pointermove', onMove, { signal });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    element.addEventListener(end, () => over.abort(), { signal });
  }
}

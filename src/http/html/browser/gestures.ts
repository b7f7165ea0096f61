/** Pointer, wheel and keys → movements of the view. */
import type { View } from './view.ts';

export interface Gestures {
  readonly canvas: HTMLCanvasElement;
  readonly view: View;
  /** After a movement. */
  readonly moved: () => void;
  /** The pointer is over a place; `null`: the middle of the map counts, which keys have moved. */
  readonly pointed: (at: readonly [number, number] | null) => void;
}

const stepPixels = 60;

export function listen(gestures: Gestures): void {
  const { canvas, view, moved } = gestures;
  followFingers(gestures);
  canvas.addEventListener('dblclick', (event) => {
    view.zoom(2, ...pointOf(canvas, event));
    moved();
  });
  canvas.addEventListener('keydown', (event) => onKey(gestures, event));
  canvas.addEventListener(
    'wheel',
    (event) => {
      // The page scrolls unless the map is meant.
      if (document.activeElement !== canvas && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      view.zoom(2 ** (-event.deltaY / 300), ...pointOf(canvas, event));
      moved();
    },
    { passive: false },
  );
}

function pointOf(canvas: HTMLCanvasElement, event: MouseEvent): [number, number] {
  const { left, top } = canvas.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}

function followFingers({ canvas, view, moved, pointed }: Gestures): void {
  const fingers = new Map<number, [number, number]>();
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, pointOf(canvas, event));
  });
  canvas.addEventListener('pointermove', (event) => {
    const now = pointOf(canvas, event);
    const before = fingers.get(event.pointerId);
    if (before !== undefined) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
      if (other === undefined) view.pan(now[0] - before[0], now[1] - before[1]);
      else pinch(view, { before, now, other });
      fingers.set(event.pointerId, now);
      moved();
    }
    pointed(now);
  });
  for (const end of ['pointerup', 'pointercancel'] as const)
    canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
}

interface Pinch {
  readonly before: readonly [number, number];
  readonly now: readonly [number, number];
  readonly other: readonly [number, number];
}

function pinch(view: View, { before, now, other }: Pinch): void {
  const spread = ([x, y]: readonly [number, number]): number =>
    Math.hypot(x - other[0], y - other[1]);
  const middle = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2] as const;
  view.zoom(spread(now) / Math.max(1, spread(before)), ...middle);
}

const pans: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [stepPixels, 0],
  ArrowRight: [-stepPixels, 0],
  ArrowUp: [0, stepPixels],
  ArrowDown: [0, -stepPixels],
};

function onKey({ view, moved, pointed }: Gestures, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const pan = pans[event.key];
  if (pan !== undefined) view.pan(...pan);
  else if (event.key === '+' || event.key === '=') view.zoom(2);
  else if (event.key === '-') view.zoom(0.5);
  else if (event.key === '0') view.fit();
  else return;
  event.preventDefault();
  moved();
  pointed(null);
}

/** The map of a result page. */
import { draw, type Scene } from './canvas.ts';
import { openCog, type Cog } from './cog.ts';
import { element, elements } from './elements.ts';
import { listen } from './gestures.ts';
import type { Look } from './look.ts';
import { Tiles } from './tiles.ts';
import { View } from './view.ts';

const box = document.querySelector('[data-cog]');
if (box instanceof HTMLElement) void start(box);

async function start(map: HTMLElement): Promise<void> {
  const note = element('#map-note', HTMLElement);
  try {
    const [cog, picture] = await Promise.all([openCog(map.dataset['cog'] ?? ''), pictureOf(map)]);
    run(map, cog, picture);
  } catch (error) {
    // The picture that the server put there stays.
    map.classList.add('broken');
    const reason = error instanceof Error ? error.message : String(error);
    note.textContent = `The map could not read the mask (${reason}). This is the preview.`;
  }
}

async function pictureOf({ dataset }: HTMLElement): Promise<HTMLImageElement | undefined> {
  if (dataset['picture'] === undefined) return undefined;
  const picture = new Image();
  picture.src = dataset['picture'];
  try {
    await picture.decode();
    return picture;
  } catch {
    return undefined;
  }
}

function run(map: HTMLElement, cog: Cog, picture: HTMLImageElement | undefined): void {
  const isPercent = map.dataset['kind'] === 'percent';
  const canvas = element('#canvas', HTMLCanvasElement);
  const view = new View(cog.bounds, cog.levels[0]?.resolution ?? 1);
  const tiles = new Tiles(cog, lookOf(cog, isPercent), (trouble) => {
    if (trouble !== undefined)
      element('#map-note', HTMLElement).textContent = `Part of the mask did not load (${trouble}).`;
    redraw();
  });
  const scene: Scene = {
    cog,
    tiles,
    view,
    picture,
    canvas,
    swipe: 0.5,
    opacity: 1,
    isSheer: isPercent,
  };
  let frame = 0;
  const redraw = (): void => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => show(map, scene));
  };
  const tell = (at: readonly [number, number] | null): void => tellPlace(scene, at, isPercent);
  listen({ canvas, view, moved: redraw, pointed: tell });
  watchSize(map, scene, redraw);
  watchTools(scene, redraw, isPercent);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
}

function show(map: HTMLElement, scene: Scene): void {
  const style = getComputedStyle(map);
  draw(scene, {
    noData: style.getPropertyValue('--nodata'),
    accent: style.getPropertyValue('--accent'),
  });
  const { cog, tiles, view, canvas } = scene;
  // With the whole product in view a finger scrolls the page.
  canvas.style.touchAction = view.isWhole ? 'pan-y' : 'none';
  showScale(view);
  const { requests, bytes } = cog.traffic;
  const words = `${requests} range ${requests === 1 ? 'request' : 'requests'}, ${(bytes / 1000).toFixed(0)} kB of the mask read so far`;
  element('#map-traffic', HTMLElement).textContent = words;
  map.dataset['requests'] = String(requests);
  map.dataset['ready'] = tiles.loading === 0 ? 'yes' : '';
}

function showScale({ resolution, width }: View): void {
  const most = resolution * Math.min(120, width / 4);
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = ([5, 2, 1].find((times) => times * power <= most) ?? 1) * power;
  const length = metres / resolution;
  element('#scale-line', SVGPathElement).setAttribute('d', `M1 1v6h${length.toFixed(1)}v-6`);
  element('#scale', SVGSVGElement).setAttribute('width', (length + 2).toFixed(0));
  element('#scale-text', HTMLElement).textContent =
    metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
}

function watchSize(map: HTMLElement, { view, canvas }: Scene, redraw: () => void): void {
  const observer = new ResizeObserver(() => {
    const { width, height } = map.getBoundingClientRect();
    const ratio = devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    view.resize(width, height, ratio);
    redraw();
  });
  observer.observe(map);
}

function classes(): HTMLInputElement[] {
  return elements('[data-class]', HTMLInputElement);
}

function chosenBand(): HTMLInputElement | undefined {
  return elements('[name=band]', HTMLInputElement).find(({ checked }) => checked);
}

/** Colours come from the file; the page's own stand in for a file without a table. */
function lookOf(cog: Cog, isPercent: boolean): Look {
  if (isPercent)
    return {
      kind: 'percent',
      colour: chosenBand()?.dataset['colour'] ?? '#135e8c',
      noData: cog.noData,
    };
  const shown = classes().filter(({ checked }) => checked);
  const patterns = document.querySelector('#patterns');
  return {
    kind: 'classes',
    colours: new Map(
      shown.map(({ dataset }) => {
        const value = Number(dataset['class']);
        return [value, hex(cog.colours?.[value]) ?? dataset['colour'] ?? '#808890'];
      }),
    ),
    isPatterned: patterns instanceof HTMLInputElement && patterns.checked,
  };
}

function hex(colour: readonly number[] | undefined): string | undefined {
  return colour && `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function watchTools(scene: Scene, redraw: () => void, isPercent: boolean): void {
  const { cog, tiles, view } = scene;
  const on = (selector: string, type: string, work: (input: HTMLInputElement) => void): void => {
    for (const input of elements(selector, HTMLInputElement))
      input.addEventListener(type, () => {
        work(input);
        redraw();
      });
  };
  const recolour = (): void => {
    tiles.show(lookOf(cog, isPercent), Number(chosenBand()?.value ?? 0));
    scene.isSheer = isPercent || scene.opacity < 1 || classes().some(({ checked }) => !checked);
    for (const stop of elements('#ramp-0, #ramp-1', SVGStopElement))
      stop.setAttribute('stop-color', chosenBand()?.dataset['colour'] ?? '');
  };
  on('#swipe', 'input', ({ value }) => (scene.swipe = Number(value) / 100));
  on('#opacity', 'input', ({ value }) => {
    scene.opacity = Number(value) / 100;
    recolour();
  });
  on('#patterns, [data-class], [name=band]', 'change', recolour);
  const moves = {
    'zoom-in': () => view.zoom(2),
    'zoom-out': () => view.zoom(0.5),
    'zoom-fit': () => view.fit(),
  };
  for (const [id, move] of Object.entries(moves)) {
    element(`#${id}`, HTMLButtonElement).addEventListener('click', () => {
      move();
      redraw();
    });
  }
}

function tellPlace(
  { view, tiles, cog }: Scene,
  at: readonly [number, number] | null,
  isPercent: boolean,
): void {
  const where = element('#where', HTMLElement);
  // A pointer moves too often to be spoken of.
  where.ariaLive = at === null ? 'polite' : 'off';
  const [east, north] = view.place(...(at ?? ([view.width / 2, view.height / 2] as const)));
  if (!view.isWithin(east, north)) {
    where.textContent = 'outside the product';
    return;
  }
  const value = tiles.valueAt(east, north);
  const name = value === cog.noData ? 'no data' : nameOf(value, isPercent);
  const place = placeText(cog, east, north);
  where.textContent = `${at === null ? 'centre: ' : ''}${place}${name === undefined ? '' : ` · ${name}`}`;
}

function nameOf(value: number | undefined, isPercent: boolean): string | undefined {
  if (value === undefined) return undefined;
  if (isPercent) return `${chosenBand()?.dataset['name'] ?? 'band'} ${value} %`;
  return classes().find(({ dataset }) => dataset['class'] === String(value))?.dataset['name'];
}

function placeText(cog: Cog, east: number, north: number): string {
  const found = cog.toLonLat(east, north);
  if (found === undefined) return `${east.toFixed(0)} E, ${north.toFixed(0)} N`;
  const [longitude, latitude] = found;
  return `${degrees(latitude, 'N', 'S')}, ${degrees(longitude, 'E', 'W')}`;
}

function degrees(angle: number, plus: string, minus: string): string {
  return `${Math.abs(angle).toFixed(4)}° ${angle < 0 ? minus : plus}`;
}

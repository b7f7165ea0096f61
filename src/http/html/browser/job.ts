/** A job that is not done: asks for it, obeys Retry-After, rests while nobody looks, loads the page again at the end. */
import { element } from './elements.ts';

interface Status {
  readonly status: string;
  readonly progress: number;
  readonly message: string;
  readonly started?: string;
}

const usualSeconds = 3;
const patientSeconds = 10;

const self = element('[data-job]', HTMLElement).dataset['job'] ?? '';
const live = element('#live', HTMLElement);
const begun = document.querySelector('[data-job] .badge')?.classList.contains('running') === true;
let etag = '';
let stage = stageOf(element('#message', HTMLElement).textContent);

async function poll(): Promise<void> {
  let seconds = usualSeconds;
  try {
    if (!document.hidden) seconds = await ask();
    live.textContent = 'Live: this page follows the job.';
  } catch {
    seconds = patientSeconds;
    live.textContent = 'The server does not answer; trying again.';
  }
  setTimeout(() => void poll(), seconds * 1000);
}

/** @returns seconds until the next question */
async function ask(): Promise<number> {
  const headers = { Accept: 'application/json', ...(etag !== '' && { 'If-None-Match': etag }) };
  // Not from the browser's cache, which would turn "nothing new" into the same answer again.
  const answer = await fetch(self, { headers, cache: 'no-store' });
  if (answer.status === 200) {
    etag = answer.headers.get('ETag') ?? '';
    show((await answer.json()) as Status);
  }
  // Gone, or forgotten: the server says it in a page.
  if (answer.status === 404 || answer.status === 410) location.reload();
  return Number(answer.headers.get('Retry-After')) || usualSeconds;
}

function show({ status, progress, message, started }: Status): void {
  const isDone = status !== 'accepted' && status !== 'running';
  // The server writes the last page, and the first of a running job.
  if (isDone || (status === 'running' && !begun)) return location.reload();
  element('#progress', HTMLProgressElement).value = progress;
  element('#percent', HTMLElement).textContent = `${progress} %`;
  document.title = document.title.replace(/^\d+ %/, `${progress} %`);
  const told = element('#message', HTMLElement);
  if (told.textContent !== message) told.textContent = message;
  element('#left', HTMLElement).textContent = started === undefined ? '' : left(started, progress);
  if (stageOf(message) !== stage) void freshen(stageOf(message));
}

/** Up to the colon; behind it stands how far the stage is. */
function stageOf(message: string): string {
  return message.split(':')[0] ?? '';
}

/** The server draws stages and log: they come from the page as it is now. */
async function freshen(next: string): Promise<void> {
  stage = next;
  const answer = await fetch(self, { headers: { Accept: 'text/html' }, cache: 'no-store' });
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const selector of ['#stages', '#log']) {
    const drawn = fresh.querySelector(selector);
    if (drawn !== null) document.querySelector(selector)?.replaceWith(drawn);
  }
}

/** How long it takes yet, if it goes on like this. The first percents say little. */
function left(started: string, progress: number): string {
  const seconds = (Date.now() - Date.parse(started)) / 1000;
  if (progress < 5 || seconds < 10) return '';
  const minutes = Math.ceil(((seconds / progress) * (100 - progress)) / 60);
  return minutes <= 1 ? 'About a minute left.' : `About ${minutes} minutes left.`;
}

setTimeout(() => void poll(), 1000);

/** Loaded by every page: says that scripts run, copies text, shows times in the reader's zone, opens what is printed. */
import { elements } from './elements.ts';

const copiedMs = 1500;

document.documentElement.classList.add('js');

for (const button of elements('[data-copy]', HTMLButtonElement)) {
  button.addEventListener('click', () => void copy(button));
}

for (const time of elements('time[datetime]', HTMLTimeElement)) {
  time.title = `${time.dateTime} = ${new Date(time.dateTime).toLocaleString()} here`;
}

addEventListener('beforeprint', () => {
  for (const details of elements('main details', HTMLDetailsElement)) details.open = true;
});

async function copy(button: HTMLButtonElement): Promise<void> {
  const source = document.querySelector(button.dataset['copy'] ?? '');
  const before = button.textContent;
  button.textContent = await copied(source);
  setTimeout(() => (button.textContent = before), copiedMs);
}

/** Browsers hand the clipboard to secure pages only: elsewhere the text is selected, for the keyboard. */
async function copied(source: Element | null): Promise<string> {
  try {
    await navigator.clipboard.writeText(source?.textContent.trim() ?? '');
    return 'Copied';
  } catch {
    if (source !== null) getSelection()?.selectAllChildren(source);
    return 'Selected: copy with the keyboard';
  }
}

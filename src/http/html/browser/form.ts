/** The form of a process: the request that it would send, and fields that are asked for only where they are of use. */
import { valueOf } from '../form/value.ts';
import { element, elements } from './elements.ts';

const form = element('#execute', HTMLFormElement);
const shown = element('#request', HTMLPreElement);
const group = document.querySelector('.s3');
const switches = elements('input[name="output_storage"]', HTMLInputElement);

/** Fields of the group are part of the form only when the choice before them is made. */
function useGroup(): void {
  if (!(group instanceof HTMLFieldSetElement)) return;
  const isUsed = switches.some(({ checked, value }) => checked && value === 'PRIVATE');
  const required = (group.dataset['required'] ?? '').split(' ');
  group.disabled = !isUsed;
  for (const field of group.querySelectorAll('input'))
    field.required = isUsed && required.includes(field.name);
}

function typesOf(name: string): string {
  const field = form.querySelector(`#f-${CSS.escape(name)}`);
  return field instanceof HTMLElement ? (field.dataset['types'] ?? 'string') : 'string';
}

function inputs(): Record<string, unknown> {
  const secrets = new Set(
    elements('input[type=password]', HTMLInputElement).map(({ name }) => name),
  );
  const given = [...new FormData(form)].flatMap(([name, text]): [string, unknown][] => {
    if (typeof text !== 'string' || text === '') return [];
    return [[name, secrets.has(name) ? '***' : valueOf(text, typesOf(name))]];
  });
  const required = elements('#execute [required]', HTMLInputElement).map(({ name }) => name);
  const missing = required.filter((name) => given.every(([known]) => known !== name));
  return Object.fromEntries([...missing.map((name) => [name, '…'] as const), ...given]);
}

function update(): void {
  useGroup();
  const body = JSON.stringify({ inputs: inputs() }, null, 2).replaceAll("'", String.raw`'\''`);
  const lines = [
    `curl -X POST '${new URL(form.action).href}'`,
    "-H 'Content-Type: application/json'",
    "-H 'Prefer: respond-async'",
    `-d '${body}'`,
  ];
  shown.textContent = lines.join(' \\\n  ');
}

form.addEventListener('input', update);
update();

/** How far a job is: what it has done, what it does now, and what is left, as far as its process says. */
import type { Job, LogLine } from '../../../jobs/job.ts';
import { companionOf } from '../form/companion.ts';
import { between } from '../marks.ts';
import { html, type Html } from '../template.ts';

const marks = {
  done: html`<svg class="done" viewBox="0 0 16 16" aria-hidden="true"><path d="M2.5 8.5l3.5 3.5 7.5-8" fill="none" stroke="currentColor" stroke-width="2.2"/></svg>`,
  doing: html`<svg class="spin" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-opacity=".3" stroke-width="2.2"/><path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" stroke-width="2.2"/></svg>`,
  todo: html`<svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="2 2.7"/></svg>`,
} as const;

const words = { done: 'done', doing: 'now', todo: 'still to come' } as const;
const looks = { done: '', doing: 'running', todo: 'todo' } as const;

/** Stages of a job that waits or runs. Each line of its log is one, news of callbacks apart: it ends when the next begins. */
export function openStages(job: Job, log: readonly LogLine[]): Html {
  const steps = log.filter(({ message }) => !message.startsWith('The callback'));
  const reached = steps.map(({ message }) => stageOf(message));
  const expected = companionOf(job.processId)?.stages ?? [];
  const furthest = Math.max(-1, ...reached.map((name) => expected.indexOf(name)));
  return html`<ol class="stages" id="stages">
    ${steps.map((line, at) => {
      const next = steps[at + 1];
      return next === undefined
        ? stage('doing', stageOf(line.message))
        : stage('done', stageOf(line.message), between(line.time, next.time));
    })}
    ${expected.slice(furthest + 1).map((name) => stage('todo', name))}
  </ol>`;
}

/** The first part of a message names the stage, the rest says how far it is. */
function stageOf(message: string): string {
  return message.startsWith('The job was accepted') ? 'Accepted' : message.replace(/[:.].*$/, '');
}

function stage(state: keyof typeof marks, name: string, took?: string): Html {
  return html`<li class="${looks[state]}">${marks[state]}<b>${name}<span class="sr">, ${words[state]}</span></b>${took !== undefined && html`<span class="small quiet figure">${took}</span>`}</li>`;
}

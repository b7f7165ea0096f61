import type { Response } from 'express';
import type { Links } from '../links.ts';
import type { Problem } from '../problem.ts';
import { sendPage } from './sending.ts';
import { problemView } from './views/problem.ts';

/** Sends an error as a page. Its status has been set. */
export async function sendProblemPage(
  links: Links,
  response: Response,
  problem: Problem,
): Promise<void> {
  await sendPage(links, response, problemView(problem, links), problem);
}

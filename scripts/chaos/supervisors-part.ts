/** Second part: two supervisors with short leases on one database, each struck by itself; what they leave behind a server clears up. */
import { join } from 'node:path';
import { Chance } from './chance.ts';
import { Server } from './server.ts';
import type { PartOptions } from './server-part.ts';
import { strikeAll } from './strikes.ts';
import { supervisorKinds } from './supervisor-kinds.ts';
import { Supervisor } from './supervisor-slot.ts';
import { untilTidy, verify, type Findings } from './verify.ts';
import { Work } from './work.ts';

const supervisorsAtOnce = 2;
/** Its leases of 1.5 s have ended then, and somebody has seen it. */
const zombieMs = { least: 2200, most: 3500 };

/** Strikes, lets everything come to its end, and verifies what is there then. */
export async function strikeSupervisors(options: PartOptions): Promise<Findings> {
  const { folder, temporaryFolder, kills, seed, note } = options;
  const dataDirectory = join(folder, 'data');
  const logFile = join(folder, 'supervisors.log');
  const work = await Work.open(dataDirectory, new Chance(seed));
  const program = { dataDirectory, temporaryFolder, logFile };
  const supervisors = Array.from({ length: supervisorsAtOnce }, () => new Supervisor(program));
  const over = new AbortController();
  const working = work.goOn(over.signal);
  try {
    await Promise.all(
      supervisors.map((supervisor, place) => {
        const chance = new Chance(seed + 1 + place);
        const share = Math.ceil(kills / supervisors.length);
        const target = { title: 'supervisor', supervisor, chance, zombieMs };
        return strikeAll(target, supervisorKinds, { chance, kills: share, note });
      }),
    );
    for (const supervisor of supervisors) await supervisor.life();
    over.abort();
    await working;
    await work.untilFinished();
    for (const supervisor of supervisors) await (await supervisor.life()).stop();
  } finally {
    over.abort();
    await work.close();
  }
  const server = new Server({ dataDirectory, temporaryFolder, logFile });
  const last = await server.life();
  await untilTidy({ dataDirectory, temporaryFolder });
  await last.stop();
  const findings = await verify({ dataDirectory, temporaryFolder }, work.expected);
  const faults = [...supervisors.flatMap((one) => one.faults), ...work.faults, ...server.faults];
  return { ...findings, violations: [...faults, ...findings.violations] };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { killGroup } from '../../../src/jobs/child-handle.ts';

describe('killGroup', () => {
  it.each(['ESRCH', 'EPERM'])('takes %s for the end of the group', (code) => {
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error(code), { code });
    });
    expect(() => killGroup(1234, 'SIGKILL')).not.toThrow();
    kill.mockRestore();
  });

  it('ends a process and what it started', async () => {
    const child = spawn('sh', ['-c', 'sleep 60 & sleep 60'], { detached: true, stdio: 'ignore' });
    await once(child, 'spawn');
    killGroup(child.pid ?? 0, 'SIGKILL');
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
    expect(() => killGroup(child.pid ?? 0, 'SIGKILL')).not.toThrow();
  });
});

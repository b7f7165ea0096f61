import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startTestServer } from '../support/server.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';

it('GET /readyz answers 503 and says which model is missing', async () => {
  const models = await temporaryDataFolder();
  const server = await startTestServer({ settings: { MODELS_DIR: models, MODEL: 'none' } });
  try {
    const { body } = await server.request.get('/readyz').expect(503);
    expect(body).toMatchObject({ status: 'not ready', model: { id: 'none', isPresent: false } });
    expect(server.log()).toContain('Model:Missing');
  } finally {
    await server.close();
    await rm(models, { recursive: true });
  }
});

it('a server does not start on a product folder that is not there, nor on a taken port', async () => {
  const folder = await temporaryDataFolder();
  await mkdir(join(folder, 'data'));
  const first = await startTestServer();
  try {
    const roots = startTestServer({
      dataDirectory: folder,
      settings: { PRODUCT_ROOTS: join(folder, 'none') },
    });
    await expect(roots).rejects.toThrow(/PRODUCT_ROOTS: the folder .*none does not exist/);
    const port = new URL(first.app.address).port;
    const taken = startTestServer({ dataDirectory: folder, settings: { PORT: port } });
    await expect(taken).rejects.toThrow('Stop what listens there, or set PORT to another one.');
  } finally {
    await first.close();
    await rm(folder, { recursive: true });
  }
});

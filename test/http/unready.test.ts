import { appendFile, cp, mkdir, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { withFolder } from '../support/folder.ts';
import { startTestServer, until, untilStatus } from '../support/server.ts';
import { modelsDirectory, starterId } from '../support/starter-model.ts';

it('GET /readyz answers 503 and says which model is missing; the log says what helps', () =>
  withFolder(async (models) => {
    const server = await startTestServer({ settings: { MODELS_DIR: models, MODEL: 'none' } });
    try {
      await until(() => server.log().includes('Model:Unusable'), 'the model was looked for');
      const { body } = await server.request.get('/readyz').expect(503);
      const model = { id: 'none', isPresent: false, isUsable: false };
      expect(body).toMatchObject({ status: 'not ready', model });
      expect(server.log()).toMatch(/Add or mend the model.*Model:Unusable/);
      expect(body.model.message).not.toContain(models);
    } finally {
      await server.close();
    }
  }));

it('a damaged model is not ready and fails jobs by its own cause; a mended one is ready again', () =>
  withFolder(async (folder) => {
    const models = join(folder, 'models');
    const products = join(folder, 'products');
    await mkdir(join(products, 'x.SAFE'), { recursive: true });
    await cp(join(modelsDirectory, starterId), join(models, starterId), { recursive: true });
    const damaged = join(models, starterId, 'segmenter.onnx');
    await appendFile(damaged, 'x');
    const server = await startTestServer({
      settings: { MODELS_DIR: models, MODEL: starterId, PRODUCT_ROOTS: products },
    });
    try {
      await until(() => server.log().includes('Model:Unusable'), 'the model was checked');
      const { body } = await server.request.get('/readyz').expect(503);
      expect(body.model).toMatchObject({ isPresent: true, isUsable: false });
      const accepted = await server.request
        .post('/processes/senseiv2-cloudmask/execution')
        .send({ inputs: { product: 'x' } })
        .expect(201);
      const { jobID } = accepted.body as { jobID: string };
      const status = await untilStatus(server, jobID, 'failed');
      expect(status.message).toMatch(/^The model of this server cannot be used; its operator can/);
      const results = await server.request.get(`/jobs/${jobID}/results`).expect(500);
      expect(results.body).toMatchObject({
        type: 'urn:senseiv2-cloudmask:problem:model-unusable',
        detail: status.message,
      });
      await cp(join(modelsDirectory, starterId, 'segmenter.onnx'), damaged);
      const isReady = async () => (await server.request.get('/readyz')).status === 200;
      await until(isReady, 'the mended model is ready');
    } finally {
      await server.close();
    }
  }));

it('a server that is starting answers 503 with Retry-After, to whatever is asked', async () => {
  const listener = await listen('127.0.0.1', 0);
  const ask = (method: string) =>
    new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
      const request = httpRequest({ port: listener.port, method, path: '/jobs' }, (answer) => {
        answer.resume();
        resolve([answer.statusCode, answer.headers['retry-after']]);
      });
      request.on('error', reject).end(method === 'POST' ? '{}' : undefined);
    });
  for (const method of ['GET', 'HEAD', 'POST']) expect(await ask(method)).toEqual([503, '1']);
  listener.serve((_request, response) => void response.writeHead(200).end());
  expect((await ask('GET'))[0]).toBe(200);
  await listener.close();
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

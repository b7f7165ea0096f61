/** JSON in request bodies, or a form without scripts: parsed, whatever it is. The domain judges it. */
import express, { type RequestHandler } from 'express';
import { isForm } from './html/form/own-page.ts';
import { HttpFault, unsupportedMediaType } from './problem.ts';

/** Deeper than any execute request, and shallow enough for everything that walks by recursion. */
const deepest = 64;

/** A missing Content-Type means JSON, since one client sends none. */
const requireJson: RequestHandler = (request, _response, next) => {
  const type = request.get('Content-Type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const isFine = type === '' || /^application\/(?:[\w.+-]+\+)?json$/.test(type);
  next(isFine ? undefined : unsupportedMediaType(`"${type.slice(0, 80)}"`));
};

const requireShallow: RequestHandler = (request, _response, next) => {
  const isFine = isWithin(request.body, deepest);
  next(isFine ? undefined : malformed(`The body is nested more than ${deepest} levels deep.`));
};

/** The parser's own words quote the body, which may hold secrets. */
function withOwnWords(parse: RequestHandler): RequestHandler {
  return (request, response, next) => {
    parse(request, response, (error?: unknown) => {
      const isSyntax = (error as { type?: unknown } | undefined)?.type === 'entity.parse.failed';
      next(isSyntax ? malformed('The body is not valid JSON.') : error);
    });
  };
}

const malformed = (detail: string): HttpFault =>
  new HttpFault(400, 'malformed-request', 'The request is malformed', detail);

function jsonBody(maxBytes: number): RequestHandler[] {
  const parse = express.json({ type: () => true, limit: maxBytes, strict: false });
  return [requireJson, withOwnWords(parse), requireShallow];
}

/** A form, or nothing at all. Fields of a name that is there twice are a list. */
export function formBody(maxBytes: number): RequestHandler {
  return express.urlencoded({ extended: false, limit: maxBytes, parameterLimit: 200 });
}

/** A form where one was sent, JSON otherwise. */
export function jsonOrFormBody(maxBytes: number): RequestHandler[] {
  const form = formBody(maxBytes);
  return jsonBody(maxBytes).map((parseJson, at): RequestHandler => (request, response, next) => {
    if (!isForm(request)) parseJson(request, response, next);
    else if (at === 0) form(request, response, next);
    else next();
  });
}

/** Looks level by level: a recursion would fail on the very values that it is to find. */
function isWithin(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return false;
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
  }
  return true;
}

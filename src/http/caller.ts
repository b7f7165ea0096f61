/** Who asks: found once for each request, before anything else of it is looked at. */
import type { Request, RequestHandler, Response } from 'express';
import type { Schemes } from '../authentication/authenticator.ts';
import type { Grant } from '../authentication/grant.ts';
import { CredentialsMissing, CredentialsRefused, DomainError } from '../errors.ts';
import type { Access } from './access.ts';
import { credentialsOf } from './credentials.ts';
import { addressOf } from './limits/address.ts';

/** Who asks this request. For routes that are not everybody's. */
export function callerOf(response: Response): Grant {
  const caller = knownCaller(response);
  if (caller === undefined) throw new Error('This route answers callers, and none was found.');
  return caller;
}

/** The same where it may not have been asked. */
export function knownCaller(response: Response): Grant | undefined {
  return response.locals['caller'] as Grant | undefined;
}

/** Finds out who asks, for `callerOf`. Refusals say how to authenticate. */
export function requireCaller(access: Access): RequestHandler {
  return async (request, response, next) => {
    try {
      response.locals['caller'] = await identify(access, request, response);
    } catch (error) {
      const isRefusal = error instanceof CredentialsMissing || error instanceof CredentialsRefused;
      if (isRefusal)
        response.setHeader('WWW-Authenticate', challenges(access.authenticator.schemes, error));
      throw error;
    }
    next();
  };
}

/** Who asks, for a page that is everybody's; undefined where that cannot be said. */
export async function possibleCaller(
  access: Access,
  request: Request,
  response: Response,
): Promise<Grant | undefined> {
  try {
    return await identify(access, request, response);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

async function identify(
  { authenticator, refusals }: Access,
  request: Request,
  response: Response,
): Promise<Grant> {
  if (authenticator.isOn) {
    // The answer is this caller's alone, in every cache on its way.
    response.vary('Authorization');
    response.vary('X-API-Key');
    response.setHeader('Cache-Control', 'private, no-cache');
  }
  const credentials = credentialsOf(request);
  if (!authenticator.isOn || credentials === undefined) return authenticator.grant(credentials);
  const address = addressOf(request);
  await refusals.check(address);
  try {
    return await authenticator.grant(credentials);
  } catch (error) {
    if (error instanceof CredentialsRefused) await refusals.count(address);
    throw error;
  }
}

/** RFC 9110 §11.6.1, RFC 6750 §3. With Basic, browsers ask their user for the key. */
function challenges({ hasKeys }: Schemes, error: DomainError): string[] {
  const fault = error instanceof CredentialsRefused ? ', error="invalid_token"' : '';
  const realm = 'realm="cloud masks"';
  return [`Bearer ${realm}${fault}`, ...(hasKeys ? [`Basic ${realm}, charset="UTF-8"`] : [])];
}

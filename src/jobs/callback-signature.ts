/**
 * Signatures of callbacks, as the Standard Webhooks describe them: a receiver that knows the secret can tell that a
 * message is ours, whole, new (by its time) and not a repetition (by its id).
 */
import { createHmac } from 'node:crypto';

export interface SignedMessage {
  readonly id: string;
  readonly body: string;
  readonly time: Date;
}

/** Headers of a callback. The signature is the HMAC-SHA256 of `<id>.<seconds>.<body>` in base64, after its version. */
export function signatureHeaders(secret: string, message: SignedMessage): Record<string, string> {
  const { id, body, time } = message;
  const seconds = Math.floor(time.getTime() / 1000);
  const digest = createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${digest}`,
  };
}

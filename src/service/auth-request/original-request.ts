import type { IncomingMessage } from 'node:http';

type Raw = Pick<IncomingMessage, 'rawHeaders'>;

export type SingleHeader =
  | { readonly kind: 'missing' }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'value'; readonly value: string };

/**
 * A header that may be there once. Node joins the values of repeated ones, and of two that contradict each other one was
 * not written by the proxy.
 */
export function readSingleHeader({ rawHeaders }: Raw, name: string): SingleHeader {
  const wanted = name.toLowerCase();
  let found: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.length !== wanted.length || rawHeaders[i]!.toLowerCase() !== wanted) continue;
    if (found !== undefined) return { kind: 'repeated' };
    found = rawHeaders[i + 1]!;
  }
  return found === undefined ? { kind: 'missing' } : { kind: 'value', value: found };
}

/** The request that a proxy asks about. */
export interface OriginalRequest {
  readonly method: string;
  /** Raw, without the query. */
  readonly path: string;
}

const methodForm = /^[A-Z][A-Z_-]{0,31}$/;
/** A request target is visible ASCII (RFC 9112, section 3.2): other characters would be read one way here and another there. */
const targetForm = /^\/[\x21-\x7e]*$/;

/** The original request, or what is wrong with how it is told, for people. */
export function readOriginalRequest(
  raw: Raw,
  { methodHeader, uriHeader }: { readonly methodHeader: string; readonly uriHeader: string },
): OriginalRequest | string {
  const method = readSingleHeader(raw, methodHeader);
  if (method.kind !== 'value') return `the header ${methodHeader} is ${method.kind}`;
  const target = readSingleHeader(raw, uriHeader);
  if (target.kind !== 'value') return `the header ${uriHeader} is ${target.kind}`;
  if (!methodForm.test(method.value)) return `the header ${methodHeader} holds no method`;
  if (!targetForm.test(target.value)) return `the header ${uriHeader} holds no path as it is sent`;
  return { method: method.value, path: target.value.split('?', 1)[0]! };
}

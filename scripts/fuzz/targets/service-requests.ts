import type { InjectOptions } from 'fastify';
import { Broken } from '../target.ts';
import { inputOf } from '../texts.ts';

/** What the targets of the service have in common. */

export const servicePolicy = `
route GET "/pages/{page**}" requires read on doc:/{page**}
route GET "/open" open
group ops { user:bob }
allow user:alice to read on doc:/**
deny group:ops to read on doc:/secret/** when context.hour > 8
allow service:/{space**}/** to read on dcos:secrets:default:/{space**}/*
entity user:alice { level: 3 }
`;

/** Allowed. */
export const goodQuestion = { subject: 'user:alice', action: 'read', resource: 'doc:/a' };

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** A request out of a line, headers, an empty line and a body. Undefined: no client library would send it. */
export function readAsked(text: string): InjectOptions | undefined {
  const [head = '', ...rest] = text.split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  const [method = '', url = ''] = first.split(' ');
  // Whatever else a client library would not send is for the target `http`.
  if (!methods.includes(method) || !/^\/[!-~]*$/.test(url)) return undefined;
  const headers = lines.flatMap((line) => {
    const [name = '', value = ''] = line.split(': ');
    return /^[a-z-]+$/.test(name) && /^[ -~]*$/.test(value) && name !== 'content-length'
      ? [[name, value]]
      : [];
  });
  const payload = inputOf(rest.join('\n\n'));
  return {
    method: method as 'GET',
    url,
    headers: { 'content-type': 'application/json', ...Object.fromEntries(headers) },
    ...(payload.length > 0 && method !== 'GET' && method !== 'HEAD' ? { payload } : {}),
  };
}

/** @throws {Broken} if it is a failure of the service, shows how it is made, or is no JSON where it says so */
export function checkAnswer(status: number, type: string, body: string): void {
  if (status >= 500 && status !== 503 && status !== 501)
    throw new Broken(`answered with ${status}`, body.slice(0, 500));
  if (/\bat .*:\d+:\d+\b|node_modules/.test(body) && status >= 400)
    throw new Broken('an error shows a stack', body.slice(0, 500));
  if (type.startsWith('application/json') && body !== '') JSON.parse(body);
}

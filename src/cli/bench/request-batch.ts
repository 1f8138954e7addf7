import { Buffer } from 'node:buffer';
import type { Request } from '../../index.ts';

/**
 * Requests of which copies can be made whose strings nobody has seen before: not shared with a rule or with another round, and
 * never hashed, as they come off a wire. With `isReusing` the strings stay the same, as in a program that keeps its ids.
 * Attributes and contexts are not copied.
 */
export class RequestSource {
  readonly requests: readonly Request[];
  private readonly copiers: readonly Copiers[] | undefined;

  constructor(requests: readonly Request[], isReusing: boolean) {
    this.requests = requests;
    const texts = new Map<string, CopyText>();
    this.copiers = isReusing ? undefined : requests.map((request) => copiersOf(request, texts));
  }

  /** `count` requests from `start` on, around and around. */
  take(start: number, count: number): Request[] {
    const { length } = this.requests;
    return Array.from({ length: count }, (_, i) => this.requestAt((start + i) % length));
  }

  private requestAt(index: number): Request {
    const request = this.requests[index]!;
    const copiers = this.copiers?.[index];
    if (copiers === undefined) return request;
    return {
      ...request,
      subject: copiers.subject(),
      action: copiers.action() as string,
      resource: copiers.resource(),
      ...(copiers.groups && { groups: copiers.groups.map((copy) => copy() as string) }),
    };
  }
}

/** Copies what is a string; what is none, in a request that is malformed, is given back as it is. */
type CopyText = () => string | undefined;

interface Copiers {
  readonly subject: CopyText;
  readonly action: CopyText;
  readonly resource: CopyText;
  readonly groups?: readonly CopyText[] | undefined;
}

function copiersOf({ subject, action, resource, groups }: Request, texts: Map<string, CopyText>): Copiers {
  return {
    subject: copierOf(subject, texts),
    action: copierOf(action, texts),
    resource: copierOf(resource, texts),
    groups: Array.isArray(groups) ? groups.map((group: string) => copierOf(group, texts)) : undefined,
  };
}

function copierOf(text: string | undefined, texts: Map<string, CopyText>): CopyText {
  if (typeof text !== 'string') return () => text;
  const known = texts.get(text);
  if (known !== undefined) return known;
  const encoding = isLatin1(text) ? 'latin1' : 'utf16le';
  const bytes = Buffer.from(text, encoding);
  const copy = (): string => bytes.toString(encoding);
  texts.set(text, copy);
  return copy;
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return false;
  return true;
}

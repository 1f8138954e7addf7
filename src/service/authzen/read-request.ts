import type { FastifyRequest } from 'fastify';
import type { Request, RequestAttributes } from '../../index.ts';
import type { About } from '../decide.ts';
import type { PropertiesOf } from './config.ts';
import { type Entity, idOf } from './ids.ts';

/** What `evaluationSchema` accepts. */
export interface Evaluation {
  readonly subject: AskedEntity;
  readonly action: AskedAction;
  readonly resource: AskedEntity;
  readonly context?: object | null;
}

export interface AskedEntity extends Entity {
  readonly properties?: object | null;
}

export interface AskedAction {
  readonly name: string;
  readonly properties?: object | null;
}

/** Turns what AuthZEN asks into what the engine is asked. */
export class RequestReader {
  readonly #counts: Readonly<Record<PropertiesOf, boolean>>;

  /** @param properties  of whom the `properties` count */
  constructor(properties: readonly PropertiesOf[]) {
    const counts = (entity: PropertiesOf): boolean => properties.includes(entity);
    this.#counts = { subject: counts('subject'), action: counts('action'), resource: counts('resource') };
  }

  read({ subject, action, resource, context }: Evaluation): Request {
    return {
      subject: idOf(subject),
      action: action.name,
      resource: idOf(resource),
      attributes: this.readAttributes(subject, action, resource),
      context: context ?? undefined,
    };
  }

  /** The properties that were sent and count; undefined if there are none. */
  readAttributes(
    subject: AskedEntity | undefined,
    action: AskedAction | undefined,
    resource: AskedEntity | undefined,
  ): RequestAttributes | undefined {
    const counts = this.#counts;
    const ofSubject = (counts.subject && subject?.properties) || undefined;
    const ofAction = (counts.action && action?.properties) || undefined;
    const ofResource = (counts.resource && resource?.properties) || undefined;
    if (ofSubject === undefined && ofAction === undefined && ofResource === undefined) return undefined;
    return { subject: ofSubject, action: ofAction, resource: ofResource };
  }
}

/** Who asks for one HTTP request, for the log. */
export function aboutOf({ id, caller }: FastifyRequest): About {
  return { api: 'authzen', requestId: id, caller };
}

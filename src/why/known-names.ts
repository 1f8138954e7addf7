import type { Model, SubjectPattern } from '../model/model.ts';
import type { Question } from './question.ts';

/** What the policies name: what is among it is no misspelling of something else. Looked up when it is first asked for. */
export class KnownNames {
  readonly #question: Question;
  #subjects: ReadonlySet<string> | undefined;
  #actions: ReadonlySet<string> | undefined;
  readonly #segments = new Map<string, boolean>();

  constructor(question: Question) {
    this.#question = question;
  }

  /** Subjects that stand in a rule, a group or as an entity. */
  get subjects(): ReadonlySet<string> {
    if (this.#subjects === undefined) {
      const { model } = this.#question;
      const named = subjectPatternsOf(model).flatMap((each) => (each.kind === 'subject' ? [each.id] : []));
      this.#subjects = new Set([...named, ...model.entities.map(({ id }) => id)]);
    }
    return this.#subjects;
  }

  get actions(): ReadonlySet<string> {
    this.#actions ??= this.#question.schema.allActions();
    return this.#actions;
  }

  /** Whether the subject is named, or matches a pattern that is no wildcard for all. */
  get hasSubject(): boolean {
    const { model, request } = this.#question;
    if (request.subject === undefined || this.subjects.has(request.subject)) return true;
    return subjectPatternsOf(model).some((each) => each.kind === 'pattern' && this.#question.isSubject(each));
  }

  /** Whether a segment of a rule's resource is that text, wherever it stands. */
  hasSegment(text: string): boolean {
    let known = this.#segments.get(text);
    if (known === undefined) {
      known = this.#question.model.rules.some(({ resources }) =>
        resources.some((each) => hasSegment(each.kind === 'literal' ? each.id : each.text, text)),
      );
      this.#segments.set(text, known);
    }
    return known;
  }
}

function subjectPatternsOf({ groups, rules }: Model): readonly SubjectPattern[] {
  return [...groups.flatMap(({ members }) => members), ...rules.flatMap(({ subjects }) => subjects)];
}

function hasSegment(id: string, text: string): boolean {
  for (let at = id.indexOf(text); at >= 0; at = id.indexOf(text, at + 1)) {
    const [before, after] = [id[at - 1], id[at + text.length]];
    if (isSeparator(before) && isSeparator(after)) return true;
  }
  return false;
}

function isSeparator(unit: string | undefined): boolean {
  return unit === undefined || unit === ':' || unit === '/';
}

import { assertNever } from '../../../source/invariant.ts';
import { type Catalogue, isLater, type Row, type Tail } from './catalogue.ts';
import { type Finding, resourceError, resourceWarning } from './grant.ts';
import { type MaskedText, mayHoldSeparators } from './placeholders.ts';

/** An id that begins with the head of a row, cut behind it. */
export interface Claim {
  readonly row: Pick<Row, 'head' | 'tail'>;
  /** The segments of the head as the id has them, joined. */
  readonly head: string;
  /** What follows; absent if the id ends with the head. */
  readonly rest: string | undefined;
}

/**
 * What is wrong with the last part of an id (SEMANTICS of DC/OS, 6): nothing if the row takes it.
 *
 * @param masked  the whole id, of which the claim is made
 */
export function findTailFaults(claim: Claim, masked: MaskedText, catalogue: Catalogue): Finding[] {
  return new TailReader(claim.head, masked, catalogue).read(claim.row.tail, claim.rest);
}

class TailReader {
  readonly #head: string;
  readonly #masked: MaskedText;
  readonly #catalogue: Catalogue;
  readonly #id: string;

  constructor(head: string, masked: MaskedText, catalogue: Catalogue) {
    this.#head = head;
    this.#masked = masked;
    this.#catalogue = catalogue;
    this.#id = masked.restore(masked.text);
  }

  read(tail: Tail, rest: string | undefined): Finding[] {
    if (rest === undefined) return this.#absent(tail);
    if (rest === '')
      return [
        resourceError('P4312', `\`${this.#id}\` ends with a colon`, `write \`${this.#shown(this.#head)}:…\``),
      ];
    switch (tail.kind) {
      case 'none':
        return [
          this.#unknown(
            `nothing follows \`${this.#shown(this.#head)}\``,
            `write \`${this.#shown(this.#head)}\``,
          ),
        ];
      case 'value':
        return this.#value(tail, rest);
      case 'path':
        return tail.lead === '' ? this.#path(rest) : this.#pathOf17(tail.lead, rest);
      case 'pieces':
        return this.#pieces(tail.separator, rest);
      default:
        return assertNever(tail);
    }
  }

  #absent(tail: Tail): Finding[] {
    if (tail.kind === 'none' || tail.isOptional) return [];
    const example = tail.kind === 'value' ? `${tail.lead}<${tail.name}>` : '/';
    return [
      resourceWarning(
        'P4312',
        `\`${this.#id}\` is cut short: no component asks for it`,
        this.#write(example),
      ),
    ];
  }

  #value({ name, lead, isOptional }: Extract<Tail, { kind: 'value' }>, rest: string): Finding[] {
    if (name === 'endpoint' && !isOptional) return this.#endpoint(rest);
    if (rest.includes(':')) return [this.#colon(rest, name)];
    if (lead === '/' || name === 'secret') return this.#secret(rest);
    if (name === 'service' && rest.startsWith('/')) return [this.#pathInService()];
    if (name !== 'role') return [...this.#slashes(rest), ...this.#stars(rest)];
    // Mesos calls its default role `*`.
    return rest === '*' ? [] : this.#withoutLeadingSlash('role', rest);
  }

  /** Behind Admin Router: groups and name of a service, joined by slashes. */
  #endpoint(rest: string): Finding[] {
    const colon = rest.indexOf(':');
    if (colon < 0) {
      if (/[^/]/.test(rest)) return this.#withoutLeadingSlash('endpoint', rest);
      return [resourceWarning('P4312', `\`${this.#id}\` names no service`, this.#write('<endpoint>'))];
    }
    if (rest[colon + 1] === '/') return [this.#pathInService()];
    const message = `\`${this.#id}\` has a colon between group and service, the syntax of DC/OS 1.10`;
    return [resourceWarning('P4323', message, this.#write(rest.replaceAll(':', '/')))];
  }

  #pathInService(): Finding {
    const service = this.#id.slice(0, this.#id.lastIndexOf(':'));
    return this.#unknown(
      'Admin Router looks at services as a whole, not at paths in them',
      `write \`${service}\` for the whole service`,
    );
  }

  #withoutLeadingSlash(what: string, rest: string): Finding[] {
    const bare = rest.replace(/^\/+/, '');
    const message = `${what} \`${this.#shown(rest)}\` begins with a slash, and no ${what} does`;
    const leading = bare === rest ? [] : [resourceWarning('P4319', message, this.#write(bare))];
    return [...leading, ...this.#slashes(bare), ...this.#stars(bare)];
  }

  #secret(rest: string): Finding[] {
    if (rest === '/') {
      const all = this.#write('/*').replace('write ', '');
      const help = `${this.#write('/<secret>')}, or ${all} for all in the root`;
      return [resourceWarning('P4312', `\`${this.#id}\` names no secret`, help)];
    }
    // Until 1.10 a grant was for one secret, whatever its name.
    const hasDirectories = !isLater(this.#catalogue, '1.11', this.#catalogue.version);
    const isDirectory = hasDirectories && /^\/?(?:[^*]*\/)?\*$/.test(rest);
    return [
      ...this.#missingSlash('secret', rest),
      ...this.#slashes(rest, '/'),
      ...(isDirectory ? [] : this.#stars(rest)),
    ];
  }

  #path(rest: string): Finding[] {
    if (rest === '/') return [];
    if (rest.includes(':')) return [this.#colon(rest, 'path')];
    if (/^\/?\*+$/.test(rest)) return [this.#star(this.#write('/'))];
    return [...this.#missingSlash('path', rest), ...this.#slashes(rest, '/'), ...this.#stars(rest)];
  }

  /** `services/a`. */
  #pathOf17(lead: string, rest: string): Finding[] {
    if (rest.startsWith(lead) && rest.length > lead.length) return [];
    return [this.#unknown('no component asks for it', this.#write(`${lead}<group>`))];
  }

  #missingSlash(what: string, rest: string): Finding[] {
    if (rest.startsWith('/')) return [];
    const placeholder = this.#masked.placeholderAt(rest[0]);
    if (placeholder !== undefined && mayHoldSeparators(placeholder)) return [];
    const message = `the ${what} \`${this.#shown(rest)}\` lacks its leading slash: no component asks for it`;
    return [resourceWarning('P4318', message, this.#write(`/${withoutEmptyPieces(rest)}`))];
  }

  /** Pieces of a job's path. */
  #pieces(separator: string, rest: string): Finding[] {
    if (rest.includes(':')) return [this.#colon(rest, 'path')];
    const pieces = rest.split(/[./]+/).filter((piece) => piece !== '');
    const meant = pieces.join(separator);
    if (meant === rest) return this.#stars(rest);
    const help = pieces.length === 0 ? 'leave it out for all' : this.#write(meant);
    const path = `path \`${this.#shown(rest)}\``;
    if (rest === `/${meant}`)
      return [
        resourceWarning(
          'P4319',
          `${path} begins with a slash; its pieces are joined by \`${separator}\``,
          help,
        ),
      ];
    return [resourceWarning('P4322', `${path} is not joined by \`${separator}\` alone`, help)];
  }

  #colon(rest: string, what: string): Finding {
    return this.#unknown(`a colon follows the ${what}`, this.#write(rest.slice(0, rest.indexOf(':'))));
  }

  #unknown(why: string, help: string): Finding {
    return resourceWarning('P4311', `unknown resource \`${this.#id}\`: ${why}`, help);
  }

  /**
   * Empty pieces between or behind slashes; a policy cannot name them either.
   *
   * @param lead  what the path begins with if it is right
   */
  #slashes(rest: string, lead = ''): Finding[] {
    if (!/\/\/|.\/$/.test(rest)) return [];
    const how = rest.endsWith('/') ? 'ends with a slash' : 'has two slashes in a row';
    const start = lead === '' && rest.startsWith('/') ? '/' : lead;
    const help = this.#write(start + withoutEmptyPieces(rest));
    return [resourceError('P4320', `\`${this.#id}\` ${how}, and no resource does`, help)];
  }

  #stars(rest: string): Finding[] {
    if (!rest.includes('*')) return [];
    const above = rest.replace(/\/\*+$/, '');
    const isNamed = above !== '' && !above.includes('*');
    return [this.#star(isNamed ? `${this.#write(above)}, if that is meant` : nameAll)];
  }

  #star(help: string): Finding {
    return resourceWarning('P4324', `the star in \`${this.#id}\` is no wildcard: it stands for itself`, help);
  }

  #write(value: string): string {
    return `write \`${this.#shown(`${this.#head}:${value}`)}\``;
  }

  #shown(piece: string): string {
    return this.#masked.restore(piece);
  }
}

const nameAll = 'name each value, or leave the last part out where that stands for all';

function withoutEmptyPieces(path: string): string {
  return path
    .split('/')
    .filter((piece) => piece !== '')
    .join('/');
}

import { nearestName } from '../../../diagnostics/nearest.ts';
import { type Catalogue, type HeadSegment, isLater, type Row } from './catalogue.ts';
import { type Finding, resourceError, resourceWarning } from './grant.ts';
import { MaskedText, mayHoldSeparators } from './placeholders.ts';
import { lenientlyDecoded, looksEncoded } from './rid-in-url.ts';
import { type Claim, findTailFaults } from './tail-faults.ts';

/** What can be said of a resource id without looking at the grant. */
export interface Examination {
  readonly findings: readonly Finding[];
  /** The row that the id belongs to, or was meant for; absent if that cannot be told. */
  readonly row?: Row;
  /** What stands behind the head of the row; absent where it is left out, which stands for every value. */
  readonly value?: string;
}

/**
 * Holds a resource id against the catalogue, by whole segments (SEMANTICS of DC/OS, 6 and 12): which row it belongs to, and
 * why no component will ever match it if none does. Placeholders stand for a name that nobody knows yet.
 */
export function examineResource(resource: string, catalogue: Catalogue): Examination {
  const masked = new MaskedText(resource);
  if (!looksEncoded(masked.text)) return new Examiner(masked, catalogue).examine();
  const decoded = lenientlyDecoded(resource);
  const help = looksEncoded(decoded) ? 'write it as DC/OS lists it' : `write \`${decoded}\``;
  const finding = resourceError('P4325', `resource id \`${resource}\` is percent-encoded`, help);
  const { row, value } = new Examiner(new MaskedText(decoded), catalogue).examine();
  return { findings: [finding], ...(row && { row }), ...(value === undefined ? {} : { value }) };
}

const maxChoices = 6;

class Examiner {
  readonly #masked: MaskedText;
  readonly #catalogue: Catalogue;
  readonly #segments: readonly string[];

  constructor(masked: MaskedText, catalogue: Catalogue) {
    this.#masked = masked;
    this.#catalogue = catalogue;
    this.#segments = masked.text.split(':');
  }

  examine(): Examination {
    return (
      this.#inCatalogue() ??
      this.#seenInGrants() ??
      this.#inOtherVersion() ??
      this.#spelling() ??
      this.#truncated() ??
      this.#hidden() ??
      this.#withoutPrefix() ??
      this.#withOtherSeparators() ??
      this.#tooLong() ??
      this.#misspelt() ??
      this.#unknown()
    );
  }

  // -------------------------------------------------------------- rows

  /** The rows whose heads the id has, those that take it as it is first, and of the others those that go on behind the head. */
  #claims<R extends Pick<Row, 'head' | 'tail'>>(
    rows: readonly R[],
  ): { claim: Claim & { row: R }; findings: Finding[] }[] {
    return rows
      .flatMap((row) => {
        const rest = restBehind(row.head, this.#segments);
        if (rest === false) return [];
        const head = this.#segments.slice(0, row.head.length).join(':');
        const claim = { row, head, rest: rest.length === 0 ? undefined : rest.join(':') };
        return [{ claim, findings: findTailFaults(claim, this.#masked, this.#catalogue) }];
      })
      .sort((a, b) => rankOf(a) - rankOf(b));
  }

  #inCatalogue(): Examination | undefined {
    const claimed = this.#claims(this.#catalogue.rows)[0];
    if (claimed === undefined || isOnlyTooLong(claimed.claim)) return undefined;
    return this.#examination(claimed.claim, claimed.findings);
  }

  #examination({ row, rest }: Claim & { row: Row }, findings: readonly Finding[]): Examination {
    return { findings, row, ...(rest === undefined ? {} : { value: this.#masked.restore(rest) }) };
  }

  /** Ids that no documentation names. Those that only stop too early are told as such. */
  #seenInGrants(): Examination | undefined {
    const seen = this.#catalogue.otherRows.filter(({ status }) => status === 'observed-only');
    const claimed = this.#claims(seen).find(({ findings }) => findings.length === 0);
    if (claimed === undefined) return undefined;
    const truncated = this.#truncated();
    if (truncated !== undefined) return { ...truncated, row: claimed.claim.row };
    const message = `no documentation names \`${this.#text}\`; installers grant it, and nothing is known to ask for it`;
    const help = 'keep it only for software that fails without it';
    return this.#examination(claimed.claim, [resourceWarning('P4313', message, help)]);
  }

  #inOtherVersion(): Examination | undefined {
    const documented = this.#catalogue.otherRows.filter(({ status }) => status !== 'observed-only');
    const claimed = this.#claims(documented)[0];
    if (claimed === undefined || isOnlyTooLong(claimed.claim)) return undefined;
    const { version } = this.#catalogue;
    const { since, until } = claimed.claim.row;
    const isGone = until !== undefined && !isLater(this.#catalogue, until, version);
    const message = isGone
      ? `DC/OS ${version} no longer knows \`${this.#text}\`, last documented for ${until}`
      : `DC/OS ${version} does not know \`${this.#text}\`, documented since ${since}`;
    const help = isGone
      ? 'delete it, unless something still asks for it'
      : `import with \`--version ${since}\` or later`;
    // What went may still be asked for somewhere; what is yet to come is not.
    const finding: Finding = {
      code: 'P4310',
      severity: isGone ? 'info' : 'warning',
      message,
      help,
      at: 'resource',
    };
    return this.#examination(claimed.claim, isGone ? [finding, ...claimed.findings] : [finding]);
  }

  #spelling(): Examination | undefined {
    const claimed = this.#claims(this.#catalogue.spellings).find(({ findings }) => findings.length === 0);
    if (claimed === undefined) return undefined;
    const { row, until } = claimed.claim.row;
    const help = `write \`${this.#respelled(row, claimed.claim.rest) ?? row.template}\``;
    const finding =
      until === undefined
        ? resourceWarning(
            'P4313',
            `no component asks for \`${this.#text}\`: it is an installer's spelling`,
            help,
          )
        : resourceWarning('P4323', `\`${this.#text}\` is the syntax of DC/OS ${until} and before`, help);
    return { findings: [finding], row };
  }

  /** `services/a` of 1.7 as `services:/a`: the last literal of the row, and behind it what there was. */
  #respelled({ head, tail }: Row, rest: string | undefined): string | undefined {
    if (tail.kind === 'none') return this.#headText(head);
    if (tail.kind !== 'path') return undefined;
    const path = rest === undefined ? '' : rest.slice(rest.indexOf('/') + 1);
    return `${this.#headText(head)}:/${this.#masked.restore(path)}`;
  }

  #headText(head: readonly HeadSegment[]): string {
    const texts = head.map((segment, i) =>
      segment.kind === 'literal' ? segment.text : (this.#segments[i] ?? `<${segment.name}>`),
    );
    return this.#masked.restore(texts.join(':'));
  }

  // -------------------------------------------------------------- ids that no row claims

  #truncated(): Examination | undefined {
    const { rows, otherRows } = this.#catalogue;
    const longer = [...rows, ...otherRows].find(
      ({ head, status }) =>
        status !== 'observed-only' &&
        head.length > this.#segments.length &&
        this.#segments.every((segment, i) => isSameSegment(head[i]!, segment)),
    );
    if (longer === undefined || this.#segments.length === 0) return undefined;
    const nexts = rows
      .filter(({ head }) =>
        this.#segments.every((segment, i) => head[i] !== undefined && isSameSegment(head[i], segment)),
      )
      .flatMap(({ head }) => {
        const next = head[this.#segments.length];
        return next === undefined ? [] : [next.kind === 'literal' ? next.text : `<${next.name}>`];
      });
    const choices = [...new Set(nexts)].map((next) => `\`:${next}\``);
    const more = choices.length > maxChoices ? ' and so on' : '';
    const help = `write what follows: ${choices.slice(0, maxChoices).join(', ')}${more}`;
    return {
      findings: [resourceWarning('P4312', `\`${this.#text}\` is cut short: no component asks for it`, help)],
    };
  }

  /** A variable of a script in place of a segment may make any id of it. */
  #hidden(): Examination | undefined {
    const isHidden = this.#segments.some((segment) => {
      const placeholder = this.#masked.placeholderAt(segment[0]);
      return placeholder !== undefined && segment.length === 1 && mayHoldSeparators(placeholder);
    });
    return isHidden ? { findings: [] } : undefined;
  }

  #withoutPrefix(): Examination | undefined {
    if (this.#segments[0] === 'dcos') return undefined;
    const whole = new Examiner(new MaskedText(`dcos:${this.#text}`), this.#catalogue);
    const inner = whole.#inCatalogue() ?? whole.#inOtherVersion() ?? whole.#truncated();
    if (inner === undefined) return undefined;
    const finding = resourceWarning(
      'P4321',
      `\`${this.#text}\` lacks the prefix \`dcos:\``,
      `write \`dcos:${this.#text}\``,
    );
    return { ...inner, findings: [finding, ...inner.findings] };
  }

  /** The words of a row with a slash or a dot where a colon belongs. */
  #withOtherSeparators(): Examination | undefined {
    const { text } = this.#masked;
    const words = text.split(/[:/.]/);
    for (const row of this.#catalogue.rows) {
      if (row.head.length < 2 || restBehind(row.head, words) === false) continue;
      let length = words.slice(0, row.head.length).join(':').length;
      const head = text.slice(0, length).replace(/[/.]/g, ':');
      if (text.startsWith(`${head}:`)) continue;
      if (/[:/.]/.test(text[length] ?? '')) length++;
      const tail = text.slice(length);
      const lead =
        row.tail.kind === 'path' || (row.tail.kind === 'value' && row.tail.lead === '/') ? '/' : '';
      const meant = this.#masked.restore(tail === '' ? head : `${head}:${lead}${tail.replace(/^[/:]+/, '')}`);
      const finding = resourceWarning(
        'P4322',
        `\`${this.#text}\` is not joined as the resource is: by colons up to its last part`,
        `write \`${meant}\``,
      );
      return { findings: [finding], row, ...(tail === '' ? {} : { value: this.#masked.restore(tail) }) };
    }
    return undefined;
  }

  /** Something behind a row that ends there. */
  #tooLong(): Examination | undefined {
    const claimed = this.#claims(this.#catalogue.rows)[0];
    return claimed && this.#examination(claimed.claim, claimed.findings);
  }

  #misspelt(): Examination | undefined {
    const rows = [
      ...this.#catalogue.rows,
      ...this.#catalogue.otherRows.filter(({ status }) => status !== 'observed-only'),
    ];
    let best: { readonly row: Row; readonly wrong: number } | undefined;
    for (const row of rows) {
      const wrong = this.#misspeltSegments(row.head);
      if (wrong !== undefined && wrong < (best?.wrong ?? 3)) best = { row, wrong };
    }
    if (best === undefined) return undefined;
    const { head } = best.row;
    const rest = this.#segments.slice(head.length);
    const meant = [this.#headText(head), ...rest.map((segment) => this.#masked.restore(segment))].join(':');
    return {
      findings: [
        resourceWarning(
          'P4326',
          `unknown resource \`${this.#text}\``,
          `write \`${meant}\`, the closest known id`,
        ),
      ],
      row: best.row,
      ...(rest.length === 0 ? {} : { value: this.#masked.restore(rest.join(':')) }),
    };
  }

  /** How many literal segments differ by a slip of the keyboard; undefined if one differs by more. */
  #misspeltSegments(head: readonly HeadSegment[]): number | undefined {
    if (this.#segments.length < head.length) return undefined;
    let wrong = 0;
    for (const [i, segment] of head.entries()) {
      const found = this.#segments[i]!;
      if (isSameSegment(segment, found)) continue;
      if (segment.kind !== 'literal') return undefined;
      const isNear = found.toLowerCase() === segment.text || nearestName(found, [segment.text]) !== undefined;
      if (!isNear) return undefined;
      wrong++;
    }
    return wrong === 0 ? undefined : wrong;
  }

  #unknown(): Examination {
    const message = `unknown resource \`${this.#text}\`: no component asks for it`;
    return { findings: [resourceWarning('P4311', message, this.#unknownHelp())] };
  }

  #unknownHelp(): string {
    const meant = this.#permuted() ?? this.#withoutKind();
    if (meant !== undefined) return `write \`${this.#masked.restore(meant)}\`, if that is meant`;
    const [closest] = this.#catalogue.rows
      .map((row) => ({ row, common: commonLength(row.head, this.#segments) }))
      .sort((a, b) => b.common - a.common || a.row.head.length - b.row.head.length);
    if (closest === undefined || closest.common < 2) return 'resources of DC/OS begin with `dcos:`';
    return `the closest resource is \`${closest.row.template}\``;
  }

  /** The head of a row with its segments in another order. */
  #permuted(): string | undefined {
    const row = this.#catalogue.rows.find(({ head }) => {
      if (head.length < 3 || head.some(({ kind }) => kind !== 'literal')) return false;
      const own = this.#segments.slice(0, head.length).toSorted();
      return own.join(':') === this.#headText(head).split(':').toSorted().join(':');
    });
    if (row === undefined) return undefined;
    return [this.#headText(row.head), ...this.#segments.slice(row.head.length)].join(':');
  }

  /** A path right where the word before it belongs: `…:marathon:web` for `…:marathon:services:/web`. */
  #withoutKind(): string | undefined {
    const row = this.#catalogue.rows.find(({ head, tail }) => {
      const isShort =
        this.#segments.length === head.length && commonLength(head, this.#segments) === head.length - 1;
      return tail.kind === 'path' && isShort;
    });
    const last = row?.head.at(-1);
    if (row === undefined || last?.kind !== 'literal') return undefined;
    return `${this.#headText(row.head.slice(0, -1))}:${last.text}:/${this.#segments.at(-1)}`;
  }

  get #text(): string {
    return this.#masked.restore(this.#masked.text);
  }
}

function rankOf({
  claim,
  findings,
}: {
  readonly claim: Claim;
  readonly findings: readonly Finding[];
}): number {
  if (findings.length === 0) return 0;
  return isOnlyTooLong(claim) ? 2 : 1;
}

/** An id that goes on behind a row which ends there may be of another row. */
function isOnlyTooLong({ row, rest }: Claim): boolean {
  return row.tail.kind === 'none' && rest !== undefined;
}

function isSameSegment(segment: HeadSegment, found: string): boolean {
  return segment.kind === 'literal' ? segment.text === found : found !== '';
}

/** The segments behind the head, or false if the id does not begin with it. */
function restBehind(head: readonly HeadSegment[], segments: readonly string[]): readonly string[] | false {
  if (segments.length < head.length) return false;
  if (!head.every((segment, i) => isSameSegment(segment, segments[i]!))) return false;
  return segments.slice(head.length);
}

function commonLength(head: readonly HeadSegment[], segments: readonly string[]): number {
  const differs = head.findIndex(
    (segment, i) => segments[i] === undefined || !isSameSegment(segment, segments[i]),
  );
  return differs < 0 ? head.length : differs;
}

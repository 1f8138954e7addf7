import { Ajv, type ValidateFunction } from 'ajv';
import { InvariantError } from '../../../source/invariant.ts';
import type { TemplatePart } from '../../../syntax/ast.ts';
import { parseTemplate } from '../../../syntax/parse-template.ts';
import { catalogueSchema } from './catalogue-schema.ts';

/** What one version of DC/OS protects. */
export interface Catalogue {
  readonly version: string;
  readonly versions: readonly string[];
  /** The resources of the version, the more specific first. */
  readonly rows: readonly Row[];
  /** Those of other versions, and ids that were found in grants and in no documentation. */
  readonly otherRows: readonly Row[];
  /** Ids that documentation writes for a row and that cover nothing. */
  readonly spellings: readonly Spelling[];
  /** Whether any action on `dcos:superuser` opens everything; before 1.10 only `full` did. */
  readonly anyActionIsSuperuser: boolean;
}

/** One resource template. */
export interface Row {
  /** As the policy language writes it. */
  readonly template: string;
  readonly status: 'reference' | 'docs-only' | 'observed-only';
  readonly since?: string;
  readonly until?: string;
  readonly actions: readonly string[];
  /** Those of `actions` that no reference of the version lists. */
  readonly unlistedActions: readonly string[];
  /** Segments joined by colons before the tail. A value stands for any one. */
  readonly head: readonly HeadSegment[];
  readonly tail: Tail;
}

export type HeadSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string };

/** What follows the head. */
export type Tail =
  | { readonly kind: 'none' }
  /** `:<x>`: one value, slashes and all. `lead` is literal text before it. */
  | { readonly kind: 'value'; readonly name: string; readonly lead: string; readonly isOptional: boolean }
  /** `:/<x...>`: the root and what is beneath. `isOptional`: it may be left out with its colon. */
  | { readonly kind: 'path'; readonly lead: string; readonly isOptional: boolean }
  /** `:<x... by ".">`. */
  | { readonly kind: 'pieces'; readonly separator: string; readonly isOptional: boolean };

export interface Spelling {
  readonly row: Row;
  readonly until?: string;
  readonly head: readonly HeadSegment[];
  readonly tail: Tail;
}

/**
 * The catalogue of a version, out of the data that the shipped catalogues are generated from.
 *
 * @param data  `policies/dcos/resources.json`
 * @param version  one of its versions; the newest if absent
 * @returns undefined for a version that the data does not name
 * @throws {InvariantError} if the data is not what it should be
 */
export function readCatalogue(data: unknown, version?: string): Catalogue | undefined {
  const { versions, resources } = checkData(data);
  const wanted = version ?? versions.at(-1)!;
  const now = versions.indexOf(wanted);
  if (now < 0) return undefined;
  const isIn = ({ since, until }: Period): boolean =>
    (since === undefined || versions.indexOf(since) <= now) &&
    (until === undefined || versions.indexOf(until) >= now);
  const rows: Row[] = [];
  const otherRows: Row[] = [];
  const spellings: Spelling[] = [];
  for (const resource of resources) {
    // A variant's period is its own, not the resource's.
    const variants = (resource.variants ?? []).filter(isIn).map(({ since, until, ...rest }) => rest);
    const row = readRow(Object.assign({}, resource, ...variants));
    const isKnown = row.status !== 'observed-only' && isIn(resource);
    (isKnown ? rows : otherRows).push(row);
    // A template of another version is a spelling of this version's.
    const others = (resource.variants ?? []).map(({ template = row.template, until }) => ({
      text: template,
      until,
    }));
    for (const { text, until } of [...(resource.spellings ?? []), ...others]) {
      // Some spellings, such as those without a leading slash, are told from the row itself.
      const parts = text === row.template ? undefined : takeApart(parseParts(text), []);
      if (parts !== undefined) spellings.push({ row, ...(until === undefined ? {} : { until }), ...parts });
    }
  }
  const bySpecificity = (a: Row, b: Row): number => literalCount(b) - literalCount(a);
  return {
    version: wanted,
    versions,
    rows: rows.sort(bySpecificity),
    otherRows: otherRows.sort(bySpecificity),
    spellings,
    anyActionIsSuperuser: versions.indexOf('1.10') <= now,
  };
}

/** Whether a version comes after another; both are of the catalogue. */
export function isLater({ versions }: Catalogue, version: string, other: string): boolean {
  return versions.indexOf(version) > versions.indexOf(other);
}

function literalCount({ head }: Row): number {
  return head.filter(({ kind }) => kind === 'literal').length;
}

// ---------------------------------------------------------------- the data

interface Period {
  readonly since?: string;
  readonly until?: string;
}

interface ResourceData extends Period {
  readonly template: string;
  readonly status: Row['status'];
  readonly actions: readonly string[];
  readonly unlistedActions?: readonly string[];
  readonly observedActions?: readonly string[];
  readonly variants?: readonly (Period & Partial<ResourceData>)[];
  readonly spellings?: readonly (Period & { readonly text: string })[];
}

interface CatalogueData {
  readonly versions: readonly string[];
  readonly resources: readonly ResourceData[];
}

let validator: ValidateFunction<CatalogueData> | undefined;

function checkData(data: unknown): CatalogueData {
  validator ??= new Ajv({ strict: true, allowUnionTypes: true }).compile<CatalogueData>(catalogueSchema);
  if (validator(data)) return data;
  const { instancePath, message } = validator.errors![0]!;
  throw new InvariantError(`the data of the DC/OS catalogue is damaged: ${instancePath} ${message}`);
}

/** An id that was only ever seen in grants has the actions that were seen. */
function readRow(resource: ResourceData): Row {
  const { template, status, since, until, actions, unlistedActions = [], observedActions = [] } = resource;
  return {
    template,
    status,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    actions: status === 'observed-only' ? observedActions : actions,
    unlistedActions,
    ...readTemplate(template),
  };
}

// ---------------------------------------------------------------- templates

interface HeadAndTail {
  readonly head: readonly HeadSegment[];
  readonly tail: Tail;
}

/** Every resource's template is a head of colon segments and at most one value or path behind it. */
function readTemplate(template: string): HeadAndTail {
  const parts = takeApart(parseParts(template), []);
  if (parts !== undefined) return parts;
  throw new InvariantError(`the template \`${template}\` of the DC/OS catalogue has a form of its own`);
}

function parseParts(template: string): readonly TemplatePart[] {
  return parseTemplate(template, 0, ({ message }) => {
    throw new InvariantError(`the template \`${template}\` of the DC/OS catalogue: ${message}`);
  });
}

function takeApart(parts: readonly TemplatePart[], before: readonly HeadSegment[]): HeadAndTail | undefined {
  const head = [...before];
  // Text that is no whole segment yet.
  let text = '';
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1;
    if (part.kind === 'text') {
      const pieces = (text + part.text).split(':');
      text = pieces.pop()!;
      head.push(...pieces.filter((piece) => piece !== '').map(literal));
    } else if (part.kind === 'optional') {
      return tailOfOptional(part.parts, text === '' || text === '/' ? head : [...head, literal(text)], text);
    } else if (isLast && part.kind === 'value') {
      return { head, tail: { kind: 'value', name: part.name, lead: text, isOptional: false } };
    } else if (isLast && part.kind === 'path') {
      return { head, tail: pathTail(part.separator, text, false) };
    } else if (part.kind === 'value' && text === '') {
      head.push({ kind: 'value', name: part.name });
    } else return undefined;
  }
  return { head: text === '' ? head : [...head, literal(text)], tail: { kind: 'none' } };
}

/** `[:<x>]`, `[:/[<x...>]]`, and the `[<x...>]` behind a slash that must be there. */
function tailOfOptional(
  parts: readonly TemplatePart[],
  head: readonly HeadSegment[],
  before: string,
): HeadAndTail | undefined {
  const [first, second] = parts;
  if (first?.kind === 'path' && before === '/') return { head, tail: pathTail(first.separator, '', false) };
  if (first?.kind !== 'text' || !first.text.startsWith(':')) return undefined;
  const lead = first.text.slice(1);
  if (second?.kind === 'value')
    return { head, tail: { kind: 'value', name: second.name, lead, isOptional: true } };
  if (second?.kind === 'path') return { head, tail: pathTail(second.separator, lead, true) };
  if (second?.kind === 'optional' && second.parts[0]?.kind === 'path' && lead === '/')
    return { head, tail: pathTail(second.parts[0].separator, '', true) };
  return undefined;
}

function pathTail(separator: string, lead: string, isOptional: boolean): Tail {
  return separator === '/' ? { kind: 'path', lead, isOptional } : { kind: 'pieces', separator, isOptional };
}

function literal(text: string): HeadSegment {
  return { kind: 'literal', text };
}

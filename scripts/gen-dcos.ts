import { readFileSync } from 'node:fs';
import { parse } from '../src/syntax/parser.ts';
import { printTree } from '../src/syntax/print.ts';
import type { Generated } from './gen.ts';

/** `policies/dcos/resources.json`; its `legend` tells what the fields mean. */
interface DcosData {
  /** Oldest first. */
  readonly versions: readonly string[];
  readonly news: Readonly<Record<string, string>>;
  readonly modes: readonly (Range & { readonly name: string })[];
  readonly categories: readonly Category[];
  readonly full: Varying<{ readonly implies: readonly string[]; readonly about: string }>;
  readonly superuser: Varying<{ readonly id: string; readonly about: string }>;
  readonly sections: readonly Varying<Section>[];
  readonly resources: readonly (Range & Varying<Resource>)[];
}

/** Versions, both ends included; an end that is absent is open. */
interface Range {
  readonly since?: string;
  readonly until?: string;
}

type Varying<T> = T & { readonly variants?: readonly (Range & Partial<T>)[] };

/** Ids that one component checks. */
interface Category {
  readonly prefix: string;
  readonly enforced: Readonly<Record<string, 'always' | 'authenticated' | 'never'>>;
}

interface Section {
  readonly id: string;
  readonly title?: string;
  readonly about?: string;
}

interface Resource {
  readonly template: string;
  readonly section: string;
  readonly status: 'reference' | 'docs-only' | 'observed-only';
  readonly namedSince?: string;
  readonly actions: readonly string[];
  readonly about: string;
  readonly note?: string;
}

/** What one catalogue is made of: the data, cut down to a version. */
interface Edition {
  readonly version: string;
  /** What an `import` names. */
  readonly specifier: string;
  readonly isNewest: boolean;
  readonly modes: readonly string[];
  readonly sections: readonly Section[];
  readonly resources: readonly Resource[];
  /** Found in grants, never documented. */
  readonly undocumented: readonly Resource[];
  readonly gone: readonly { readonly template: string; readonly until: string }[];
}

const source = 'policies/dcos/resources.json';
const lineLength = 120;

/** The catalogues of DC/OS permissions: `dcos.acl` is the newest, the others are named for their versions. */
export function generateDcos(): readonly Generated[] {
  const data = JSON.parse(readFileSync(new URL(`../${source}`, import.meta.url), 'utf8')) as DcosData;
  return data.versions.map((version) => {
    const isNewest = version === data.versions.at(-1);
    const path = `policies/dcos/${isNewest ? 'dcos' : version}.acl`;
    return { path, text: printCanonically(path, renderCatalogue(data, cutEdition(data, version))) };
  });
}

/** The one layout; text that does not parse is a mistake in the data. */
function printCanonically(file: string, text: string): string {
  const { tree, diagnostics } = parse({ file, text });
  if (diagnostics.length > 0) throw new Error(`${source} makes a faulty ${file}: ${diagnostics[0]!.message}`);
  return printTree(tree);
}

// ------------------------------------------------------------------------------------------------ versions

function cutEdition(data: DcosData, version: string): Edition {
  const isCovered = coverIn(data, version);
  const isNewest = version === data.versions.at(-1);
  const isDocumented = ({ status }: Resource) => status !== 'observed-only';
  const documented = data.resources.filter(isDocumented);
  return {
    version,
    specifier: isNewest ? 'postern:dcos' : `postern:dcos/${version}`,
    isNewest,
    // The newest is what people import who do not care for versions: it takes questions in every mode there ever was.
    modes: data.modes.filter((mode) => isNewest || isCovered(mode)).map(({ name }) => name),
    sections: data.sections.map((section) => applyVariants(section, isCovered)),
    resources: documented.filter(isCovered).map((resource) => applyVariants(resource, isCovered)),
    undocumented: data.resources.filter(
      (resource) => !isDocumented(resource) && isCovered({ since: resource.namedSince ?? version }),
    ),
    gone: documented.flatMap(({ template, until }) =>
      until !== undefined && !isCovered({ until }) ? [{ template, until }] : [],
    ),
  };
}

function coverIn({ versions }: DcosData, version: string): (range: Range) => boolean {
  const indexOf = (name: string) => {
    const index = versions.indexOf(name);
    if (index < 0) throw new Error(`${source} names ${name}, which is no version`);
    return index;
  };
  const index = indexOf(version);
  return ({ since, until }) =>
    (since === undefined || indexOf(since) <= index) && (until === undefined || index <= indexOf(until));
}

function applyVariants<T extends object>(entry: Varying<T>, isCovered: (range: Range) => boolean): T {
  const changes = (entry.variants ?? []).filter(isCovered);
  return Object.assign({}, entry, ...changes) as T;
}

// ------------------------------------------------------------------------------------------------ the text

function renderCatalogue(data: DcosData, edition: Edition): string {
  const isCovered = coverIn(data, edition.version);
  const full = applyVariants(data.full, isCovered);
  const superuser = applyVariants(data.superuser, isCovered);
  const sections = edition.sections.flatMap((section) => renderSection(section, data, edition));
  return [
    ...renderHeader(data, edition),
    '',
    'namespace dcos {',
    ...wrap(full.about, '##'),
    `action full implies ${full.implies.join(', ')}`,
    '',
    ...wrap(superuser.about, '##'),
    `superuser ${superuser.id}`,
    ...sections,
    '}',
  ].join('\n');
}

function renderSection(
  { id, title, about }: Section,
  { categories }: DcosData,
  { resources, modes }: Edition,
): string[] {
  const own = resources.filter(({ section }) => section === id);
  if (own.length === 0) return [];
  const head = title === undefined ? [] : [renderRule(title)];
  const intro = about === undefined ? [] : wrap(about, '#');
  const rows = own.flatMap((resource) => renderResource(resource, categoryOf(resource, categories), modes));
  return ['', ...head, ...intro, ...(head.length === 0 ? [] : ['']), ...rows];
}

/** A heading as a comment that fills the line. */
function renderRule(title: string): string {
  const filled = `# ${'-'.repeat(lineLength)} ${title}`.length - (lineLength - indent.length);
  return `# ${'-'.repeat(lineLength - filled)} ${title}`;
}

function renderResource(
  { template, actions, about, note }: Resource,
  { enforced }: Category,
  modes: readonly string[],
): string[] {
  const clauses = modes.flatMap((mode) => {
    if (enforced[mode] === 'never') return [];
    return enforced[mode] === 'authenticated' ? [`${mode}(authenticated)`] : [mode];
  });
  const enforcedIn = modes.length === 0 ? '' : ` enforced in ${clauses.join(', ')}`;
  return [
    ...wrap(about, '##'),
    ...(note === undefined ? [] : wrap(note, '#')),
    `resource ${template} { actions ${actions.join(', ')}${enforcedIn} }`,
  ];
}

/** The longest prefix counts, as whole segments: `dcos:cluster:linker` before `dcos:cluster`. */
function categoryOf({ template }: Resource, categories: readonly Category[]): Category {
  const found = categories
    .filter(({ prefix }) => template === prefix || template.startsWith(`${prefix}:`))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
  if (found === undefined) throw new Error(`${source} has no category for ${template}`);
  return found;
}

// ------------------------------------------------------------------------------------------------ its head

function renderHeader(data: DcosData, edition: Edition): string[] {
  const paragraphs = [
    [`# generated by scripts/gen-dcos.ts from ${source}; do not edit`],
    wrapHead(describeCatalogue(data, edition)),
    [...wrapHead(describeModes(data, edition)), ...renderModeTable(data, edition)],
    wrapHead(describeActions(edition)),
    renderLeftOut(edition),
  ];
  return paragraphs
    .filter(({ length }) => length > 0)
    .flatMap((lines, i) => (i === 0 ? lines : ['#', ...lines]));
}

function describeCatalogue({ versions, news }: DcosData, { version, specifier, modes }: Edition): string {
  const subject = [
    'which resources its components protect',
    'which actions each of them asks for',
    ...(modes.length === 0 ? [] : ['in which security mode it asks at all']),
  ];
  return [
    `The permission model of DC/OS Enterprise ${version}: ${joinWords(subject)}.`,
    `Import it as \`${specifier}\`. It grants nothing to anybody.`,
    news[version],
    `Every version has its catalogue, from \`postern:dcos/${versions[0]}\` to \`postern:dcos/${versions.at(-2)}\` and, for ` +
      `${versions.at(-1)}, \`postern:dcos\`; a policy set imports one of them.`,
  ].join(' ');
}

function describeModes(data: DcosData, { version, isNewest, modes }: Edition): string {
  if (modes.length === 0) {
    return 'There are no security modes: everything is enforced, and to ask in a mode is an error.';
  }
  const isCovered = coverIn(data, version);
  const own = data.modes.filter(isCovered).map(({ name }) => `\`${name}\``);
  const old = data.modes.filter((mode) => !isCovered(mode));
  const ended = old.map(({ name, until }) => {
    const reason = 'it is named here so that a policy of an older cluster can be asked in its own mode.';
    return `\`${name}\` existed up to ${until}; ${isNewest ? reason : 'to ask in it is an error.'}`;
  });
  return [
    `Modes: ${joinWords(own)}${isNewest ? ` are those of DC/OS ${version}` : ''}.`,
    ...ended,
    'Without a mode everything is enforced.',
  ].join(' ');
}

const modeWords = { always: 'checked', authenticated: 'only with a token', never: 'open' };

function renderModeTable({ categories }: DcosData, { modes, resources }: Edition): string[] {
  if (modes.length === 0) return [];
  const present = categories.filter((category) =>
    resources.some((resource) => categoryOf(resource, categories) === category),
  );
  const rows = present.map(({ prefix, enforced }) => [
    prefix.slice('dcos:'.length),
    ...modes.map((mode) => modeWords[enforced[mode]!]),
  ]);
  return ['#', ...renderColumns([['', ...modes], ...rows])];
}

function describeActions({ resources }: Edition): string {
  const hasOther = (section: string) =>
    resources.some((resource) => resource.section === section && !resource.actions.includes('full'));
  const rows = [
    ...(hasOther('mesos-master') ? ['everything under `dcos:mesos`'] : []),
    ...(hasOther('secrets') ? ['the names of secrets'] : []),
    ...(hasOther('cluster-linker') ? ['cluster links'] : []),
  ];
  if (rows.length === 0) return 'An action is listed where the component asks for it.';
  return [
    'An action is listed where the component asks for it.',
    `Installers also grant \`full\` on rows that do not list it (${rows.join(', ')});`,
    'such a grant holds for the actions of the row, by implication, and there is no operation for the rest.',
    'Listing `full` there would hide the mistake from a linter.',
  ].join(' ');
}

function renderLeftOut({ undocumented, gone }: Edition): string[] {
  if (undocumented.length + gone.length === 0) return [];
  const reason =
    'Left out, because no reference ever listed them, and an undocumented id must not look like a known one:';
  const rows = undocumented.map(({ template, about }) => [template, about]);
  const went = gone.map(({ template, until }) => `\`${template}\` (after ${until})`);
  return [
    ...(rows.length === 0 ? [] : [...wrapHead(reason), ...renderColumns(rows)]),
    ...(went.length === 0 ? [] : wrapHead(`Gone: ${went.join(', ')}.`)),
    ...wrapHead('A rule on such an id is legal and covers that id alone.'),
  ];
}

// ------------------------------------------------------------------------------------------------ layout

/** What stands in the namespace is indented by the printer, which does not break comments. */
const indent = '  ';

function wrapHead(text: string): string[] {
  return wrap(text, '#', lineLength);
}

function wrap(text: string, mark: string, width = lineLength - indent.length): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && line.length <= width) lines[lines.length - 1] = line;
    else lines.push(`${mark} ${word}`);
  }
  return lines;
}

function renderColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `#   ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('   ')}`.trimEnd());
}

function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  const comma = words.length > 2 ? ',' : '';
  return `${words.slice(0, -1).join(', ')}${comma} and ${words.at(-1)}`;
}

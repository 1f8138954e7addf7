import { createHash } from 'node:crypto';

/** What of `package.json` goes into the bill. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

/** A package of `package-lock.json`, keyed by the folder that it is installed to; the project itself is `''`. */
export interface LockedPackage {
  /** Only where the folder is named otherwise, and for the project itself. */
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface Component {
  readonly type: 'library' | 'application';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly scope?: 'required' | 'optional';
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[];
  readonly licenses: readonly (
    | { readonly license: { readonly id: string } }
    | { readonly expression: string }
  )[];
}

export interface BillOfMaterials {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.5';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {
    readonly lifecycles: readonly { readonly phase: 'build' }[];
    readonly component: Component;
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * What an installed Postern consists of, as CycloneDX 1.5: every package that the lock file installs where nobody
 * develops, with its version, licence and hash, and which needs which.
 *
 * `npm sbom --omit dev` is not used: it leaves out what a development dependency needs too, `commander` for one. The same
 * lock file gives the same bytes, so there is no time in it, and the serial number is a hash of the rest.
 *
 * @throws {Error} if a package has no version, licence or SHA-512 in the lock, or one that is needed is not there
 */
export function buildBillOfMaterials(manifest: Manifest, lock: Lock): BillOfMaterials {
  const installed = Object.entries(lock.packages).filter(([, { dev }]) => dev !== true);
  const components = new Map<string, Component>();
  const needs = new Map<string, Set<string>>();
  for (const [path, locked] of installed) {
    const component = path === '' ? rootComponent(manifest) : packageComponent(path, locked);
    const ref = component['bom-ref'];
    if (path !== '') components.set(ref, component);
    const needed = needs.get(ref) ?? new Set();
    needs.set(ref, needed);
    for (const target of needsOf(path, locked, lock)) needed.add(refOf(target, lock.packages[target]!));
  }
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { lifecycles: [{ phase: 'build' }], component: rootComponent(manifest) },
    components: sortedByKey(components).map(([, component]) => component),
    dependencies: sortedByKey(needs).map(([ref, needed]) => ({ ref, dependsOn: [...needed].sort() })),
  } as const;
  const { $schema, bomFormat, specVersion, ...rest } = bill;
  return { $schema, bomFormat, specVersion, serialNumber: serialNumberOf(JSON.stringify(bill)), ...rest };
}

function rootComponent({ name, version, description, license }: Manifest): Component {
  return {
    type: 'application',
    'bom-ref': `${name}@${version}`,
    name,
    version,
    description,
    purl: purlOf(name, version),
    licenses: licencesOf(license),
  };
}

function packageComponent(path: string, locked: LockedPackage): Component {
  const name = nameOf(path, locked);
  const { version, license, integrity } = locked;
  if (version === undefined || license === undefined || !integrity?.startsWith('sha512-'))
    throw new Error(`${path}: the lock file lacks the version, the licence or the SHA-512`);
  return {
    type: 'library',
    'bom-ref': refOf(path, locked),
    name,
    version,
    scope: locked.optional ? 'optional' : 'required',
    purl: purlOf(name, version),
    hashes: [
      { alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') },
    ],
    licenses: licencesOf(license),
  };
}

/** The folders of the packages that the one at `path` finds when it asks for what it needs, as Node.js looks for them. */
function needsOf(path: string, locked: LockedPackage, lock: Lock): readonly string[] {
  const found = (name: string) => findInstalled(path, name, lock);
  const needed = Object.keys(locked.dependencies ?? {}).map((name) => {
    const target = found(name);
    if (target === undefined) throw new Error(`${path}: the lock file does not install \`${name}\``);
    return target;
  });
  // Those may be absent.
  const possible = Object.keys({ ...locked.optionalDependencies, ...locked.peerDependencies }).map(found);
  return [
    ...needed,
    ...possible.filter((target) => target !== undefined && lock.packages[target]!.dev !== true),
  ] as string[];
}

function findInstalled(from: string, name: string, lock: Lock): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (Object.hasOwn(lock.packages, path)) return path;
    if (folder === '') return undefined;
  }
}

function refOf(path: string, locked: LockedPackage): string {
  return `${nameOf(path, locked)}@${locked.version}`;
}

function nameOf(path: string, { name }: LockedPackage): string {
  return name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${encodeURIComponent(version)}`;
}

/** A single identifier of SPDX, or an expression of several. */
function licencesOf(license: string): Component['licenses'] {
  return [/[\s()]/.test(license) ? { expression: license } : { license: { id: license } }];
}

/** A UUID of the eighth version: its bits are a hash of the bill. */
function serialNumberOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
  ];
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join('-')}`;
}

function sortedByKey<Value>(map: ReadonlyMap<string, Value>): readonly [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

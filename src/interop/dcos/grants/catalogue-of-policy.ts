import type { Model, Namespace } from '../../../model/model.ts';

/** The catalogue of DC/OS that a policy set imports. */
export interface ImportedCatalogue {
  readonly namespace: Namespace;
  /** Absent for the newest, which `postern:dcos` is. */
  readonly version?: string;
}

/** Undefined if the policy set imports none; what it declares itself under the name is none. */
export function catalogueOf({ namespaces }: Model): ImportedCatalogue | undefined {
  const namespace = namespaces.find(({ name }) => name === 'dcos');
  const match = /^postern:dcos(?:\/([\d.]+))?$/.exec(namespace?.location.file ?? '');
  if (namespace === undefined || match === null) return undefined;
  const version = match[1];
  return version === undefined ? { namespace } : { namespace, version };
}

import { createShippedImporter } from '../../files/importer.ts';
import type { Source } from '../../index.ts';
import { defaultConfiguration, lintSources, parseTarget } from '../../lint.ts';

/** Ids of the lint rules that find something in an imported policy, sorted. */
export function findKnownRules(source: Source, target: 'dcos' | 'mesos'): string[] {
  const parsed = parseTarget(target);
  const { findings } = lintSources([source], {
    importer: createShippedImporter(),
    today: new Date().toISOString().slice(0, 10),
    configuration: {
      ...defaultConfiguration,
      presets: ['recommended', target],
      settings: { ...defaultConfiguration.settings, ...(parsed !== undefined && { target: parsed }) },
    },
  });
  return [...new Set(findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule))].sort();
}

import { renderSarifRun } from '../diagnostics/render-sarif-run.ts';
import { describeActions, describeSubjects } from './describe-change.ts';
import type { AccessChange, PolicyDifference, Requests } from './policy-difference.ts';
import { conditionLines, describeResources } from './render-text.ts';

const rules = {
  'access-gained': { text: 'Requests that were denied are allowed.', level: 'warning' },
  'access-lost': { text: 'Requests that were allowed are denied.', level: 'note' },
  'access-undecided': { text: 'Nobody knows whether requests are decided otherwise.', level: 'warning' },
} as const;

type RuleId = keyof typeof rules;

/** SARIF 2.1.0 (OASIS), one run: a result for each change, at the first rule that brings it about. */
export function renderDifferenceSarif(
  { gained, lost, undecided }: PolicyDifference,
  { version }: { readonly version: string },
): string {
  return renderSarifRun({
    version,
    rules: Object.entries(rules).map(([id, { text, level }]) => ({
      id,
      shortDescription: { text },
      defaultConfiguration: { level },
    })),
    results: [
      ...gained.map((change) => resultOf('access-gained', change, change)),
      ...lost.map((change) => resultOf('access-lost', change, change)),
      ...undecided.map((part) => resultOf('access-undecided', part)),
    ],
  });
}

function resultOf(ruleId: RuleId, requests: Requests, change?: AccessChange): object {
  const places = (change?.rules ?? []).map(({ file, line }) => ({
    physicalLocation: { artifactLocation: { uri: encodeURI(file) }, region: { startLine: line } },
  }));
  return {
    ruleId,
    ruleIndex: Object.keys(rules).indexOf(ruleId),
    level: rules[ruleId].level,
    message: { text: describe(requests, change) },
    ...(places.length === 0 ? {} : { locations: places.slice(0, 1) }),
    ...(places.length < 2 ? {} : { relatedLocations: places.slice(1) }),
    ...(change === undefined ? {} : { properties: { witness: change.witness } }),
  };
}

function describe(requests: Requests, change: AccessChange | undefined): string {
  const asked = `${describeActions(requests)} on ${describeResources(requests).join(', ')}`;
  const limits = change?.condition === undefined ? [] : conditionLines(change.condition);
  return `${describeSubjects(requests)}: ${[asked, ...limits].join(' ')}`;
}

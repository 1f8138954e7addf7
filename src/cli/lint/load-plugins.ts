import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { quote } from '../../files/quote.ts';
import { type LintRule, rules as ownRules, presetNames } from '../../lint.ts';
import { UsageError } from '../usage-error.ts';

/**
 * The rules that modules of a project export, one by one or in lists.
 *
 * @param fault  speaks of the plugin's place in the configuration
 * @throws {UsageError} if a module cannot be loaded, has no rule, or one that is none
 */
export async function loadPlugin(
  specifier: string,
  folder: string,
  fault: (message: string) => UsageError,
): Promise<readonly LintRule[]> {
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await import(pathToFileURL(resolve(folder, specifier)).href);
  } catch (error) {
    throw fault(`plugin ${quote(specifier)} cannot be loaded: ${describeError(error)}`);
  }
  const found = [...new Set(Object.values(exported).flat())].filter(looksLikeRule);
  if (found.length === 0)
    throw fault(`plugin ${quote(specifier)} exports no rule: an object with \`id\` and \`check\``);
  return found.map((rule) => {
    const wrong = findFault(rule);
    if (wrong !== undefined)
      throw fault(`rule ${quote(String(rule.id))} of plugin ${quote(specifier)} ${wrong}`);
    return guard(rule as unknown as LintRule, specifier);
  });
}

type Unchecked = Readonly<Record<string, unknown>>;

function looksLikeRule(value: unknown): value is Unchecked {
  return typeof value === 'object' && value !== null && 'id' in value && 'check' in value;
}

const categories: readonly unknown[] = ['correctness', 'security', 'redundancy', 'style'];
const severities: readonly unknown[] = ['error', 'warning', 'info'];

/** What keeps an object from being a rule. */
function findFault({ id, summary, category, presets, check, codes }: Unchecked): string | undefined {
  if (typeof id !== 'string' || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))
    return 'needs an `id` of small letters, digits and single dashes';
  if (ownRules.some((rule) => rule.id === id)) return 'has the id of a rule that comes with postern';
  if (typeof summary !== 'string' || summary === '') return 'needs a `summary`';
  if (!categories.includes(category)) return `needs a \`category\`: ${categories.join(', ')}`;
  if (codes !== undefined) return 'must not have `codes`: numbered errors are those of postern';
  if (typeof presets !== 'object' || presets === null) return 'needs `presets`, an object';
  for (const [preset, severity] of Object.entries(presets)) {
    if (!presetNames.some((name) => name === preset)) return `names an unknown preset ${quote(preset)}`;
    if (!severities.includes(severity))
      return `is in a preset as ${quote(String(severity))}, which is no severity`;
  }
  const { of, run } = Object(check) as Unchecked;
  if (!['tree', 'policy', 'suppressions'].some((kind) => kind === of) || typeof run !== 'function')
    return 'needs a `check` with `of`, which is `"tree"` or `"policy"`, and a function `run`';
  return undefined;
}

/** What a rule of a project throws is for the project to mend: it must not pass for a bug of ours. */
function guard(rule: LintRule, specifier: string): LintRule {
  const { check } = rule;
  if (check === undefined) return rule;
  const run = (context: unknown): void => {
    try {
      Reflect.apply(check.run, undefined, [context]);
    } catch (error) {
      const message = `rule ${quote(rule.id)} of plugin ${quote(specifier)} failed: ${describeError(error)}`;
      throw new UsageError(message, { cause: error });
    }
  };
  return { ...rule, check: { of: check.of, run } as typeof check };
}

function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0]!;
}

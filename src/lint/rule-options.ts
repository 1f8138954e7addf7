import type { LintSettings } from './settings.ts';

/** The option `name` of a rule if it is a list of texts, or one text; anything else counts as not given. */
export function readNames(settings: LintSettings, rule: string, name: string): readonly string[] | undefined {
  const value = settings.options.get(rule)?.[name];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

export function readText(settings: LintSettings, rule: string, name: string): string | undefined {
  const value = settings.options.get(rule)?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** An option that is a whole number of at least `least`; anything else counts as not given. */
export function readCount(
  settings: LintSettings,
  rule: string,
  name: string,
  least: number,
): number | undefined {
  const value = settings.options.get(rule)?.[name];
  return typeof value === 'number' && Number.isInteger(value) && value >= least ? value : undefined;
}

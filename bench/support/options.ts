import { parseArgs } from 'node:util';

/** The options of a benchmark: a number or a list of numbers each, with what it is if nobody says otherwise. */
export function readNumbers<Name extends string>(
  defaults: Readonly<Record<Name, string>>,
): Readonly<Record<Name, readonly number[]>> {
  const names = Object.keys(defaults) as Name[];
  const options = names.map((name) => [name, { type: 'string' as const, default: defaults[name] }] as const);
  const values: Readonly<Record<string, string>> = parseArgs({ options: Object.fromEntries(options) }).values;
  return Object.fromEntries(names.map((name) => [name, values[name]!.split(',').map(readNumber)])) as Record<
    Name,
    number[]
  >;
}

function readNumber(text: string): number {
  const number = Number(text);
  if (text === '' || !Number.isSafeInteger(number) || number < 0) throw new Error(`\`${text}\` is no count`);
  return number;
}

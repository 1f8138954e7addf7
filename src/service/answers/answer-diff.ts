import { diffModels, isHeld, renderDifferenceJson } from '../../diff.ts';
import { quote } from '../../files/quote.ts';
import { readResourcePattern } from '../../graph.ts';
import { build, type Model, RequestError, readImage, readModel, renderJson } from '../../index.ts';
import { errorBody } from '../http/errors.ts';
import { createPostedImporter } from './posted-importer.ts';
import type { DiffQuestion } from './question.ts';

export interface DiffAnswer {
  /** Whether the posted policies have no error. */
  readonly isSound: boolean;
  /** JSON: the difference, or the errors. */
  readonly body: string;
}

/**
 * Compares posted policies with the one in use. Both sides come out of an image, so that they name things alike.
 *
 * @throws {RequestError}
 */
export function answerDiff(before: Model, { policies, onlyUnder, gate }: DiffQuestion): DiffAnswer {
  const within = readWithin(onlyUnder);
  const built = build(policies, { importer: createPostedImporter(policies) });
  const diagnostics = renderJson(built.diagnostics, built.textOf);
  if (!built.ok) return { isSound: false, body: renderErrors(diagnostics) };
  const after = readModel(readImage(built.image));
  const difference = diffModels(before, after, within === undefined ? {} : { within });
  const body = {
    ...(JSON.parse(renderDifferenceJson(difference)) as object),
    ...(gate === undefined ? {} : { held: isHeld(gate, difference) }),
    diagnostics: JSON.parse(diagnostics) as unknown,
  };
  return { isSound: true, body: JSON.stringify(body) };
}

function readWithin(text: string | undefined): ReturnType<typeof readResourcePattern> {
  if (text === undefined) return undefined;
  const pattern = readResourcePattern(text);
  if (pattern !== undefined) return pattern;
  throw new RequestError(
    `\`onlyUnder\` ${quote(text)} is no pattern of resources: write it as policies do, such as a:/b/**`,
  );
}

function renderErrors(diagnostics: string): string {
  const all = JSON.parse(diagnostics) as readonly { readonly severity: string }[];
  const count = all.filter(({ severity }) => severity === 'error').length;
  const message = `the posted policies have ${count === 1 ? '1 error' : `${count} errors`}`;
  return JSON.stringify({ ...errorBody(422, message), diagnostics: all });
}

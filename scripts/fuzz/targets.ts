import type { FuzzTarget } from './target.ts';
import { imageTarget } from './targets/images.ts';
import { grantsTarget, iamDumpTarget, mesosTarget } from './targets/imports.ts';
import { replayTarget, tablesTarget } from './targets/logs.ts';
import { parseTarget } from './targets/parse.ts';
import { buildTarget, formatTarget, lintTarget } from './targets/policies.ts';
import { questionsTarget } from './targets/questions.ts';
import { recordsTarget } from './targets/records.ts';
import { bodiesTarget } from './targets/service-bodies.ts';
import { httpTarget } from './targets/service-bytes.ts';
import { iamTarget } from './targets/service-iam.ts';
import { answersTarget, configTarget, tokensTarget } from './targets/settings.ts';
import { idsTarget, jsonTarget } from './targets/small-texts.ts';

/** Everything that takes input from outside. */
export const targets: readonly FuzzTarget[] = [
  parseTarget,
  buildTarget,
  formatTarget,
  lintTarget,
  questionsTarget,
  idsTarget,
  jsonTarget,
  imageTarget,
  mesosTarget,
  grantsTarget,
  iamDumpTarget,
  recordsTarget,
  replayTarget,
  tablesTarget,
  bodiesTarget,
  httpTarget,
  iamTarget,
  tokensTarget,
  configTarget,
  answersTarget,
];

export function targetNamed(name: string): FuzzTarget | undefined {
  return targets.find((target) => target.name === name);
}

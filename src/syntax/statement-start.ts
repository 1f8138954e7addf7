import { type IToken, type TokenType, tokenMatcher } from 'chevrotain';
import {
  Action,
  Allow,
  Annotation,
  Closed,
  Comma,
  Deny,
  DenyOverrides,
  Entity,
  FirstApplicable,
  Grant,
  Group,
  Id,
  Implies,
  Import,
  LCurly,
  LParen,
  Mode,
  Name,
  Namespace,
  ObjectOpen,
  Role,
  Route,
  Ruleset,
  StringLiteral,
  Test,
  To,
  UnterminatedString,
} from './tokens.ts';

/** What follows the keyword of a statement: surely `second`, and `third` unless the keyword begins its line. */
interface Shape {
  readonly second: TokenType;
  readonly third: readonly TokenType[];
}

const rule: Shape = { second: Id, third: [To, LCurly, Comma] };

/** By keyword. An empty `third` means that only the beginning of a line will do. */
const shapes = new Map<TokenType, Shape>([
  [Import, { second: StringLiteral, third: [] }],
  [Mode, { second: Name, third: [] }],
  [Group, { second: Name, third: [LCurly] }],
  [Role, { second: Name, third: [LCurly, LParen] }],
  [Grant, { second: Name, third: [LParen, To] }],
  [Allow, rule],
  [Deny, rule],
  [Ruleset, { second: Name, third: [FirstApplicable, DenyOverrides] }],
  [Namespace, { second: Name, third: [LCurly] }],
  [Closed, { second: Namespace, third: [] }],
  [Action, { second: Name, third: [Implies] }],
  [Route, { second: Name, third: [StringLiteral] }],
  [Entity, { second: Id, third: [ObjectOpen] }],
  [Test, { second: StringLiteral, third: [LCurly] }],
]);

/**
 * Whether a statement begins at these tokens, judged by shape, since keywords are names too. Only recovery asks: it
 * decides where to go on and which block was never closed. In a text without mistakes the grammar alone decides.
 */
export function startsStatement(
  [first, second, third]: readonly [IToken, IToken, IToken],
  isFirstOnLine: () => boolean,
): boolean {
  if (first.tokenType === Annotation) return isFirstOnLine();
  const shape = shapes.get(first.tokenType);
  if (shape === undefined || !fits(second, shape.second)) return false;
  return shape.third.includes(third.tokenType) || isFirstOnLine();
}

/** A string that is not closed stands for what it would be, so that two such lines are two mistakes. */
function fits(token: IToken, type: TokenType): boolean {
  return token.tokenType === UnterminatedString || tokenMatcher(token, type);
}

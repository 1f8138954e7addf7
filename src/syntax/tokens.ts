import { createToken, type IToken, Lexer, type TokenType } from 'chevrotain';
import {
  matchExpressionEnd,
  matchLexeme,
  matchObjectEnd,
  matchObjectOpen,
  matchSlashComment,
} from './match.ts';
import { matchGroupReference, matchNumber, matchString, matchUnterminatedString } from './match-literal.ts';

/**
 * Every token type, in three modes: `main`, `expression` (after `when` and `unless`) and `object` (in the braces of
 * `with { … }` and `entity ID { … }`). Labels are what messages call a token.
 */

/** Chevrotain chooses patterns by the first unit; these patterns may begin with any. */
const anyUnit = Array.from({ length: 0x10000 }, (_, unit) => unit);
/** The main mode's lexeme takes all that nothing else takes; blanks and commas never get so far. */
const lexemeStart = anyUnit.filter((unit) => !/[\s#,()}]/.test(String.fromCharCode(unit)) || unit > 127);

// ---------------------------------------------------------------- categories

/** What may stand as an id or pattern: a name, or a longer lexeme. */
export const Id = createToken({ name: 'Id', pattern: Lexer.NA, label: 'an id' });
/** What may name something: a bare word, a keyword that is not reserved, a quoted string. */
export const Name = createToken({ name: 'Name', pattern: Lexer.NA, label: 'a name', categories: [Id] });
/** What may name an attribute, in conditions and objects. */
export const Key = createToken({ name: 'Key', pattern: Lexer.NA, label: 'an attribute name' });
export const Effect = createToken({ name: 'Effect', pattern: Lexer.NA, label: '`allow` or `deny`' });
export const Operator = createToken({ name: 'Operator', pattern: Lexer.NA, label: 'an operator' });
export const BooleanLiteral = createToken({
  name: 'Boolean',
  pattern: Lexer.NA,
  label: '`true` or `false`',
});

// ---------------------------------------------------------------- main mode

const Space = createToken({ name: 'Space', pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED });
const Comment = createToken({ name: 'Comment', pattern: /#[^\r\n]*/, group: 'comments' });
/** `// …`, which other languages have: kept out of the parser's way, reported once. */
const SlashComment = createToken({
  name: 'SlashComment',
  pattern: matchSlashComment,
  start_chars_hint: ['/'],
  group: 'slashComments',
  line_breaks: false,
});

const notInWord = '(?![A-Za-z0-9_\\-.@+=~$:/*?])';
export const When = createToken({
  name: 'When',
  pattern: new RegExp(`when${notInWord}`),
  label: '`when`',
  push_mode: 'expression',
});
export const Unless = createToken({
  name: 'Unless',
  pattern: new RegExp(`unless${notInWord}`),
  label: '`unless`',
  push_mode: 'expression',
});

export const LParen = createToken({ name: 'LParen', pattern: '(', label: '`(`' });
export const RParen = createToken({ name: 'RParen', pattern: ')', label: '`)`' });
export const LCurly = createToken({ name: 'LCurly', pattern: '{', label: '`{`' });
export const RCurly = createToken({ name: 'RCurly', pattern: '}', label: '`}`' });
export const Comma = createToken({ name: 'Comma', pattern: ',', label: '`,`' });
export const Annotation = createToken({
  name: 'Annotation',
  pattern: /@[A-Za-z_][A-Za-z0-9_-]*/,
  label: 'an annotation',
});

/** An id with separators, wildcards, quotes or placeholders. Never matched by that name: see `Lexeme`. */
export const LongId = createToken({ name: 'LongId', pattern: Lexer.NA, label: 'an id', categories: [Id] });
export const Word = createToken({ name: 'Word', pattern: Lexer.NA, label: 'a name', categories: [Name] });
/** A run of id characters; the lexer then tells words, keywords, strings and longer ids apart. */
const Lexeme = createToken({
  name: 'Lexeme',
  pattern: matchLexeme,
  start_chars_hint: lexemeStart,
  line_breaks: false,
});

/** Reserved as bare names: with them every list of names has an end. */
export const On = createToken({ name: 'On', pattern: Lexer.NA, label: '`on`' });
export const To = createToken({ name: 'To', pattern: Lexer.NA, label: '`to`' });

/** Keywords by their text. All are contextual: where no keyword is due they are names. */
export const keywords = new Map<string, TokenType>([
  ['on', On],
  ['to', To],
]);

function keyword(text: string, categories: TokenType[] = []): TokenType {
  const name = text.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const type = createToken({
    name,
    pattern: Lexer.NA,
    label: `\`${text}\``,
    categories: [Name, ...categories],
  });
  keywords.set(text, type);
  return type;
}

export const Import = keyword('import');
export const Mode = keyword('mode');
export const Group = keyword('group');
export const Role = keyword('role');
export const Grant = keyword('grant');
export const Allow = keyword('allow', [Effect]);
export const Deny = keyword('deny', [Effect]);
export const Ruleset = keyword('ruleset');
export const Namespace = keyword('namespace');
export const Closed = keyword('closed');
export const Action = keyword('action');
export const Implies = keyword('implies');
export const Superuser = keyword('superuser');
export const Resource = keyword('resource');
export const Actions = keyword('actions');
export const Enforced = keyword('enforced');
export const InWord = keyword('in');
export const Scope = keyword('scope');
export const Default = keyword('default');
export const None = keyword('none');
export const FirstApplicable = keyword('first-applicable');
export const DenyOverrides = keyword('deny-overrides');
export const Route = keyword('route');
export const Requires = keyword('requires');
export const Open = keyword('open');
export const Entity = keyword('entity');
export const Test = keyword('test');
export const With = keyword('with');
export const Anyone = keyword('anyone');
export const Authenticated = keyword('authenticated');

// ---------------------------------------------------------------- expression mode

export const StringLiteral = createToken({
  name: 'String',
  pattern: matchString,
  start_chars_hint: ['"'],
  line_breaks: false,
  label: 'a quoted string',
  categories: [Name, Key],
});
export const NumberLiteral = createToken({
  name: 'Number',
  pattern: matchNumber,
  start_chars_hint: [...'-.0123456789'],
  line_breaks: false,
  label: 'a number',
});
export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_][A-Za-z0-9_-]*/,
  label: 'an attribute name',
  categories: [Key],
});
export const GroupReference = createToken({
  name: 'GroupReference',
  pattern: matchGroupReference,
  start_chars_hint: ['g'],
  line_breaks: false,
  label: '`group:…`',
});
export const LBracket = createToken({ name: 'LBracket', pattern: '[', label: '`[`' });
export const RBracket = createToken({ name: 'RBracket', pattern: ']', label: '`]`' });
export const Dot = createToken({ name: 'Dot', pattern: '.', label: '`.`' });
export const Not = createToken({ name: 'Not', pattern: '!', label: '`!`' });

function operator(name: string, text: string): TokenType {
  return createToken({ name, pattern: text, label: `\`${text}\``, categories: [Operator] });
}

function expressionWord(text: string, categories: TokenType[]): TokenType {
  return createToken({
    name: `${text}-operator`,
    pattern: text,
    label: `\`${text}\``,
    longer_alt: Identifier,
    categories,
  });
}

const And = operator('And', '&&');
const Or = operator('Or', '||');
const comparisons = [
  operator('Equal', '=='),
  operator('NotEqual', '!='),
  operator('LessOrEqual', '<='),
  operator('GreaterOrEqual', '>='),
  operator('Less', '<'),
  operator('Greater', '>'),
];
export const In = expressionWord('in', [Key, Operator]);
const Like = expressionWord('like', [Key, Operator]);
export const Has = expressionWord('has', [Key]);
const True = expressionWord('true', [Key, BooleanLiteral]);
const False = expressionWord('false', [Key, BooleanLiteral]);
export const Null = expressionWord('null', [Key]);

/** Zero units wide, found where a condition is over; see `matchExpressionEnd`. */
const ExpressionEnd = createToken({
  name: 'ExpressionEnd',
  pattern: matchExpressionEnd,
  start_chars_hint: anyUnit,
  group: Lexer.SKIPPED,
  pop_mode: true,
  line_breaks: false,
});

// ---------------------------------------------------------------- object mode

export const ObjectOpen = createToken({
  name: 'ObjectOpen',
  pattern: matchObjectOpen,
  start_chars_hint: ['{'],
  label: '`{`',
  push_mode: 'object',
  line_breaks: false,
});
const NestedObjectOpen = createToken({
  name: 'NestedObjectOpen',
  pattern: '{',
  label: '`{`',
  push_mode: 'object',
  categories: [ObjectOpen],
});
export const ObjectClose = createToken({ name: 'ObjectClose', pattern: '}', label: '`}`', pop_mode: true });
export const Colon = createToken({ name: 'Colon', pattern: ':', label: '`:`' });
/** Zero units wide, found where an unclosed object meets the next statement. */
const ObjectEnd = createToken({
  name: 'ObjectEnd',
  pattern: matchObjectEnd,
  start_chars_hint: anyUnit,
  group: Lexer.SKIPPED,
  pop_mode: true,
  line_breaks: false,
});

// ---------------------------------------------------------------- what no rule accepts

/** The parser stumbles over these and reports what is wrong with them; none is skipped in silence. */
export const BadCharacter = createToken({
  name: 'BadCharacter',
  pattern: /'[^'\r\n]*'|[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S]/,
  start_chars_hint: anyUnit,
  label: 'an unexpected character',
});
export const UnterminatedString = createToken({
  name: 'UnterminatedString',
  pattern: matchUnterminatedString,
  start_chars_hint: ['"'],
  line_breaks: false,
  label: 'an unterminated string',
});
/** A bracket beyond the nesting limit. */
export const TooDeep = createToken({ name: 'TooDeep', pattern: Lexer.NA, label: 'too deep a nesting' });

const literals = [StringLiteral, UnterminatedString, NumberLiteral];
const words = [True, False, Null];

/** Longer operators stand before their prefixes, strings before the quote that is not closed. */
const expressionTokens = [
  ExpressionEnd,
  Space,
  Comment,
  And,
  Or,
  ...comparisons,
  Not,
  LParen,
  RParen,
  LBracket,
  RBracket,
  Comma,
  ...literals,
  Dot,
  GroupReference,
  In,
  Like,
  Has,
  ...words,
  Identifier,
  BadCharacter,
];

export const lexerModes: Record<string, TokenType[]> = {
  main: [
    Space,
    Comment,
    SlashComment,
    When,
    Unless,
    LParen,
    RParen,
    RCurly,
    Comma,
    Annotation,
    ObjectOpen,
    Lexeme,
    LCurly,
  ],
  expression: expressionTokens,
  object: [
    ObjectEnd,
    Space,
    Comment,
    NestedObjectOpen,
    ObjectClose,
    LBracket,
    RBracket,
    Comma,
    Colon,
    ...literals,
    ...words,
    Identifier,
    BadCharacter,
  ],
};

/** Everything the parser may meet: the modes, the types that only retagging makes, and the categories. */
export const vocabulary: TokenType[] = [
  ...new Set([
    ...Object.values(lexerModes).flat(),
    ...keywords.values(),
    LongId,
    Word,
    TooDeep,
    Name,
    Id,
    Key,
    Effect,
    Operator,
    BooleanLiteral,
  ]),
];

/** Half-open end of a token. Chevrotain's own end offset is inclusive, and we do not ask for it. */
export function tokenEnd(token: IToken): number {
  return token.startOffset + token.image.length;
}

/** A kind of policy text that may be as long as one likes: `bench/front-end-cost.ts` times it, `test/hostile-texts.test.ts` reads it. */
export interface HostileText {
  readonly title: string;
  /** Text of about `size` units. */
  readonly textOf: (size: number) => string;
}

/** Texts that a front end with a quadratic step takes very long for; some of them have no mistake. */
export const hostileTexts: readonly HostileText[] = [
  // -------------------------------------------------------------- characters and tokens
  filled('no separator at all', '', 'a', ''),
  filled('one long id', 'allow user:a to read on r:', 'a', '\n'),
  filled('one long name of a group', 'group ', 'a', ' { user:a }\n'),
  filled('one long string', 'test "', 'a', '" { }\n'),
  filled('one long number', 'allow user:a to read on r when context.n == ', '9', '\n'),
  filled('one long string in a condition', 'allow user:a to read on r when context.s == "', 'a', '"\n'),
  filled('escapes in a string of a condition', 'allow user:a to read on r when context.s == "', '\\"', '"\n'),
  filled('an unterminated string in a condition', 'allow user:a to read on r when context.s == "', 'a', '\n'),
  filled('exponents of a number', 'allow user:a to read on r when context.n == 1', 'e+', '\n'),
  filled('one long group in a condition', 'allow user:a to read on r when subject in group:"', 'a', '"\n'),
  filled('one long string in an entity', 'entity user:a { a: "', 'a', '" }\n'),
  filled('one long annotation', '@', 'a', '("b") allow user:a to read on r\n'),
  filled('one long comment', '# ', 'a', '\nallow user:a to read on r\n'),
  filled('one line of blanks', 'allow user:a', ' ', 'to read on r\n'),
  filled('one word of foreign letters', '', 'é', ''),
  filled('pairs of surrogates', '', '😀', ''),
  filled('lone surrogates', '', '\ud800', ''),
  filled('quotes', '', '"', ''),
  filled('single quotes', '', "'", ''),
  filled('backslashes in a string', 'test "', '\\', ''),
  filled('escapes in a string', 'test "', '\\u{61}', '" { }\n'),
  filled('an unterminated string', 'test "', 'a b ', ''),
  filled('unterminated strings, a line each', '', 'test "abc {\n', ''),
  filled('unterminated strings behind ids', '', 'allow user:"a to read on r\n', ''),
  filled('slash comments', '', '// no\n', ''),
  filled('openings of block comments', '', '/* ', ''),
  filled('carriage returns', '', '\r', ''),
  filled('line feeds', '', '\n', ''),
  filled('control characters', '', '\u0000', ''),
  filled('byte order marks', '', '\ufeff', ''),
  // -------------------------------------------------------------- brackets
  ...[
    '(',
    '[',
    '{',
    '<',
    '!',
    ')',
    ']',
    '}',
    '>',
    '@',
    ':',
    '/',
    '*',
    '?',
    '#',
    ',',
    '.',
    '&',
    '-',
    '=',
    '%',
  ].map((character) => filled(`nothing but \`${character}\``, '', character, '')),
  filled('parentheses in a condition', 'allow user:a to read on r when ', '(', ''),
  filled('negations in a condition', 'allow user:a to read on r when ', '!', 'true\n'),
  filled('lists in a condition', 'allow user:a to read on r when context.n in ', '[', ''),
  filled('calls in a condition', 'allow user:a to read on r when ', 'ip(', ''),
  filled('objects in an entity', 'entity user:a ', '{ a: ', ''),
  filled('lists in an entity', 'entity user:a { a: ', '[', ''),
  filled('braces in an id', 'allow user:a to read on r:', '{a,', ''),
  filled('braces before blanks', 'allow user:a to read on r:', '{ ', ''),
  filled('optional parts', 'namespace n { resource a', '[:', ''),
  filled('placeholders that nobody closes', 'namespace n { resource a', ':<a', ''),
  filled('blocks in blocks', '', 'group a {\n', ''),
  filled('rulesets in rulesets', '', 'ruleset a deny-overrides {\n', ''),
  filled('permissions in permissions', '', 'allow user:a {\n', ''),
  filled('closing braces', 'allow user:a { read on r }\n', '}\n', ''),
  // -------------------------------------------------------------- mistakes
  filled('misspelt statements', '', 'alow user:a to read on r\n', ''),
  filled('words', '', 'a ', ''),
  filled('words, a line each', '', 'a\n', ''),
  filled('keywords', '', 'allow ', ''),
  filled('statements without an end', '', 'allow user:a to\n', ''),
  filled('statements without an end, in one line', '', 'allow user:a to ', ''),
  filled('a block of mistakes', 'allow user:a {\n', '  read in r\n', '}\n'),
  filled('a ruleset of mistakes', 'ruleset a deny-overrides {\n', '  allow read\n', '}\n'),
  filled('a test of mistakes', 'test "t" {\n', '  allow user:a read r\n', '}\n'),
  filled('a group of mistakes', 'group a {\n', '  user:a user:b,\n', '}\n'),
  halves(
    'an unclosed block behind a long line',
    '@note("',
    'a',
    '") ruleset a deny-overrides {\n',
    ' allow user:a to read on r\n',
  ),
  halves('comments behind a long blank', 'allow user:a to read on r', ' ', '\n', '# a comment\n'),
  numbered('unknown groups among groups', (i) => `group g${i} { group:h${i}x }\n`),
  numbered('unknown roles among roles', (i) => `role r${i} { read on a:${i} }\ngrant q${i}x to user:a\n`),
  numbered('malformed ids', (i) => `allow user:a to read on r:a//${i}\n`),
  numbered('one name declared again and again', () => 'group g { user:a }\n'),
  numbered('one rule id again and again', () => '@id("a") allow user:a to read on r\n'),
  numbered('modes', (i) => `mode m${i}\n`),
  halves(
    'two long names that are nearly the same',
    'group ',
    'a',
    'b { user:a }\ngroup c { group:',
    'a',
    ' }\n',
  ),
  // -------------------------------------------------------------- lists and chains
  filled('a chain of `&&`', 'allow user:a to read on r when true', ' && true', '\n'),
  filled('a chain of `||`', 'allow user:a to read on r when true', ' || true', '\n'),
  filled('a chain of attributes', 'allow user:a to read on r when context', '.a', '\n'),
  filled('a chain of `has`', 'allow user:a to read on r when context', ' has has', '\n'),
  filled('a chain of comparisons', 'allow user:a to read on r when 1', ' == 1', '\n'),
  filled('a list in a condition', 'allow user:a to read on r when context.n in [1', ', 2', ']\n'),
  filled('a list of strings', 'allow user:a to read on r when context.n in ["a"', ', "b"', ']\n'),
  filled('a list in an entity', 'entity user:a { a: [1', ', 2', '] }\n'),
  numbered('keys of an entity', (i) => `  k${i}: ${i},\n`, 'entity user:a {\n', '}\n'),
  filled('one key of an entity again and again', 'entity user:a {\n', '  k: 1,\n', '}\n'),
  numbered('members of a group', (i) => `  user:u${i},\n`, 'group g {\n', '}\nallow group:g to read on r\n'),
  filled('one member again and again', 'group g {\n', '  user:a,\n', '}\n'),
  numbered('subjects of a rule', (i) => ` user:u${i},`, 'allow', ' to read on r\n'),
  numbered('actions of a rule', (i) => ` a${i},`, 'allow user:a to', ' a on r\n'),
  numbered('permissions of a rule', (i) => `  a${i % 9} on r:${i}\n`, 'allow user:a {\n', '}\n'),
  numbered('annotations of a rule', (i) => `@a${i}("b")\n`, '', 'allow user:a to read on r\n'),
  numbered('parameters of a role', (i) => ` p${i},`, 'role r(', ') { read on r }\n'),
  numbered(
    'rules of a ruleset',
    (i) => `  allow user:a to read on r:${i}\n`,
    'ruleset r first-applicable {\n',
    '}\n',
  ),
  numbered('scopes of a ruleset', (i) => `  scope read on r:${i}\n`, 'ruleset r first-applicable {\n', '}\n'),
  numbered(
    'resources of a namespace',
    (i) => `  resource r${i}:<a> { actions read }\n`,
    'namespace n {\n',
    '}\n',
  ),
  numbered('actions of a namespace', (i) => `  action a${i} implies a${i + 1}\n`, 'namespace n {\n', '}\n'),
  numbered('cases of a test', (i) => `  deny user:u${i} to read on r\n`, 'test "t" {\n', '}\n'),
  numbered('namespaces', (i) => `namespace n${i} { resource r${i}:a { actions read } }\n`),
  numbered('routes', (i) => `route GET "/a/${i}" open\n`),
  numbered('entities', (i) => `entity user:u${i} { a: ${i} }\n`),
  numbered('roles and grants', (i) => `role r${i} { read on a:${i} }\ngrant r${i} to user:a\n`),
  // -------------------------------------------------------------- groups
  numbered(
    'groups, each in the next',
    (i) => `group g${i} { group:g${i + 1} }\n`,
    '',
    '',
    (n) => `group g${n} { user:a }\n`,
  ),
  numbered(
    'groups in a circle',
    (i) => `group g${i} { group:g${i + 1} }\n`,
    '',
    '',
    (n) => `group g${n} { group:g0 }\n`,
  ),
  numbered(
    'groups, each in the next and holding the first',
    (i) => `group g${i} { group:g${i + 1}, group:g0 }\n`,
    '',
    '',
    (n) => `group g${n} { user:a }\n`,
  ),
  numbered('groups of one member', (i) => `group g${i} { user:a }\n`),
  numbered('groups that hold one group', (i) => `group g${i} { group:a }\n`, 'group a { user:a }\n'),
  numbered(
    'groups that hold a large group',
    (i) => `group g${i} { group:a, user:u${i} }\n`,
    '',
    '',
    (n) => `group a { ${Array.from({ length: n }, (_, i) => `user:v${i}`).join(', ')} }\n`,
  ),
  // -------------------------------------------------------------- what multiplies
  numbered(
    'subjects and permissions',
    (i) => ` user:u${i},`,
    'allow',
    '}\n',
    (n) => ` user:a {\n${Array.from({ length: n }, (_, i) => `a on r:${i}\n`).join('')}`,
  ),
  filled('ten thousand expansions a rule', '', 'allow user:a to read on r:{1..10000}\n', ''),
  filled('ten thousand expansions on either side', '', 'allow user:{1..10000} to read on r:{1..10000}\n', ''),
  filled('ten thousand expansions a member', 'group g {\n', 'user:{1..10000},\n', '}\n'),
  filled('ten thousand expansions a permission of a role', 'role r {\n', 'read on r:{1..10000}\n', '}\n'),
  numbered(
    'permissions of a role and grants',
    (i) => `grant r to user:u${i}\n`,
    '',
    '',
    (n) => `role r {\n${Array.from({ length: n }, (_, i) => `read on r:${i}`).join('\n')}\n}\n`,
  ),
  numbered(
    'parameters of a role and wrong grants',
    (i) => `grant r(a) to user:u${i}\n`,
    '',
    '',
    (n) => `role r(${Array.from({ length: n }, (_, i) => `p${i}`).join(', ')}) { read on r }\n`,
  ),
  numbered('namespaces and actions', (i) => `namespace n${i} { resource r${i}:a { actions a${i} } }\n`),
  numbered('actions that imply the next', (i) => `action a${i} implies a${i + 1}\n`),
  numbered('an action that implies many', (i) => ` a${i},`, 'action full implies', ' a\n'),
  numbered(
    'a template and a rule of many actions',
    (i) => ` a${i},`,
    'allow user:a to',
    '',
    (n) =>
      ` a on r:b\nnamespace r { resource r:b { actions a, ${Array.from({ length: n }, (_, i) => `a${i}`).join(', ')} } }\n`,
  ),
  numbered(
    'modes and templates',
    (i) => `  resource r:a${i} { enforced in m${i} }\n`,
    'namespace r {\n',
    '}\n',
  ),
  // -------------------------------------------------------------- rules
  numbered('rules on one node', (i) => `allow user:u${i} to read on r:1\n`),
  numbered('rules for one subject on one node', (i) => `allow user:a to a${i % 1000} on r:1\n`),
  numbered(
    'rules with conditions on one node',
    (i) => `allow user:a to read on r:1 when context.n == ${i}\n`,
  ),
  numbered('rules with a long prefix', (i) => `allow user:a to read on r:${'a/'.repeat(100)}${i}\n`),
  numbered('rules, each beneath the last', (i) => `allow user:a to read on r:/${'a/'.repeat(i % 250)}a\n`),
  numbered('patterns', (i) => `allow user:a to read on r:/*/${i}/**/a\n`),
  numbered('globs', (i) => `allow user:a to read on r:a*${i}\n`),
  numbered('variables', (i) => `allow user:{x} to read on r:/${i}/{x}/**\n`),
  numbered('subject patterns', (i) => `allow user:a${i}* to read on r:1\n`),
  numbered('denies for everyone', (i) => `deny anyone to read on r:/${i}/**\n`),
  numbered('expansions of a pattern', (i) => `allow user:a to read on r:${i}/{a,b,c,d}\n`),
  numbered('rules in strings and braces', (i) => `allow user:"u ${i}" to read on "a b"/{c,d}\n`),
  numbered('doc comments', (i) => `## ${i}\nallow user:a to read on r\n`),
  filled('one long doc comment', '', '## doc\n', 'allow user:a to read on r\n'),
  filled('comments', '', '# a comment\n', ''),
  filled('comments in a group', 'group g {\n', '  # a comment\n', '}\n'),
  filled('comments behind members', 'group g {\n', '  user:a, # a comment\n', '}\n'),
  filled('rules with CRLF', '', 'allow user:a to read on r:1\r\n', ''),
  filled('rules with CRLF and comments', '', 'allow user:a to read on r:1 # why\r\n', ''),
  numbered('rules in one line', (i) => `allow user:u${i} to read on r:1 `),
  numbered('rules with foreign letters', (i) => `allow user:"é${i}" to read on r:"日本/${i}"\n`),
  numbered('imports of nothing', (i) => `import "postern:none${i}"\n`),
  filled('imports of one file', '', 'import "postern:dcos"\n', ''),
  numbered(
    'closed namespaces',
    (i) => `closed namespace n${i} { resource r${i}:a { actions read } }\nallow user:a to read on r${i}:a\n`,
  ),
  numbered(
    'a closed namespace and rules',
    (i) => `allow user:a to read on r:a${i}\n`,
    '',
    '',
    (n) =>
      `closed namespace n {\n${Array.from({ length: n }, (_, i) => `resource r:a${i} { actions read }`).join('\n')}\n}\n`,
  ),
];

/** One piece again and again between a head and a tail. */
function filled(title: string, head: string, piece: string, tail: string): HostileText {
  return {
    title,
    textOf: (size) => head + piece.repeat(Math.max(1, Math.floor(size / piece.length))) + tail,
  };
}

/** Two pieces, each again and again in half of the text. */
function halves(
  title: string,
  head: string,
  first: string,
  middle: string,
  second: string,
  tail = '',
): HostileText {
  const half = (piece: string, size: number): string =>
    piece.repeat(Math.max(1, Math.floor(size / 2 / piece.length)));
  return { title, textOf: (size) => head + half(first, size) + middle + half(second, size) + tail };
}

/** Pieces with their numbers between a head and a tail; `closing` is told how many there are. */
function numbered(
  title: string,
  pieceOf: (index: number) => string,
  head = '',
  tail = '',
  closing: (count: number) => string = () => '',
): HostileText {
  return {
    title,
    textOf(size) {
      const pieces: string[] = [head];
      let count = 0;
      for (let length = 0; length < size; count++) {
        const piece = pieceOf(count);
        length += piece.length;
        pieces.push(piece);
      }
      pieces.push(closing(count), tail);
      return pieces.join('');
    },
  };
}

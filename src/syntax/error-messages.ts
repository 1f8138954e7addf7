import type { IParserErrorMessageProvider } from 'chevrotain';

/**
 * What chevrotain puts into its errors: only what was expected. `describeUnexpected` adds what was found, which it
 * knows better: it sees the text between the tokens.
 */
export const errorMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.LABEL ?? expected.name,
  buildNoViableAltMessage: ({ customUserDescription }) => customUserDescription ?? 'something else',
  buildEarlyExitMessage: ({ customUserDescription }) => customUserDescription ?? 'something else',
  buildNotAllInputParsedMessage: () => 'the end of the file',
};

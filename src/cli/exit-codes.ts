/** DESIGN, "Command line": documented and fixed. */
export const exitCodes = {
  /** Yes, clean, the same. */
  yes: 0,
  /** No, findings, different. */
  no: 1,
  /** Wrong usage or configuration. */
  usage: 2,
  /** A file could not be read, written or parsed: policy errors and damaged images too. */
  unreadable: 3,
  /** A bug of ours. */
  bug: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends every `--help`, so that scripts need no other page. */
export const exitCodesHelp = `

Exit codes:
  0  yes, clean, the same
  1  no, findings, different
  2  wrong usage or configuration
  3  a file could not be read or parsed
  4  a bug in postern`;

interface SarifRun {
  /** Of Postern. */
  readonly version: string;
  readonly rules: readonly object[];
  readonly results: readonly object[];
}

/** SARIF 2.1.0 (OASIS): a document with one run of Postern. @param more  other properties of the run */
export function renderSarifRun({ version, rules, results }: SarifRun, more: object = {}): string {
  const document = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'postern', semanticVersion: version, rules } }, ...more, results }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

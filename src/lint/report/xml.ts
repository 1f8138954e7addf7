/** Text for XML 1.0, which has no way to write most controls: they are shown as people see them in messages. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/\n/g, '&#10;')
    .replace(
      /[^\t\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu,
      (unit) => `\\u{${unit.codePointAt(0)!.toString(16)}}`,
    );
}

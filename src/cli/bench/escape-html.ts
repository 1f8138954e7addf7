const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that stays text wherever it stands in a page, in the quotes of an attribute too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (found) => entities[found]!);
}

/** What is wrong with a template that a question is put into; apart, so that a form can ask cheaply. */
const PLACEHOLDER = /\{\s*([A-Za-z_]\w*)\s*\}/g;

/** @returns a few words that follow the template's name; null if it can be used */
export function problemOf(template: string): string | null {
  if (!template.includes('{question}')) return 'lacks {question}';
  const other = [...template.matchAll(PLACEHOLDER)].find(([, name]) => name !== 'question');
  return other ? `has a placeholder other than {question}: ${other[0]}` : null;
}

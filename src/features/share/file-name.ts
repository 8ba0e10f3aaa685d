/** "what-does-the-tag-say.png": a file's name from a question, in any script. */

const MOST = 48;

export function nameOf(question: string, extension: string): string {
  const words = question.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  let name = '';
  for (const word of words) {
    if (name.length + word.length > MOST) break;
    name += name === '' ? word : `-${word}`;
  }
  // A script without spaces is one long word.
  const [first = 'answer'] = words;
  return `${name || Array.from(first).slice(0, MOST).join('')}${extension}`;
}

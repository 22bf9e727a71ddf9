const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A word of a shell's command line. */
export const shellWord = (text: string) => (plain.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** A request as curl; the key is never in it. */
export function curlOf(apiUrl: string, method = 'GET', body?: unknown): string {
  const parts = ['curl'];
  if (method !== 'GET') parts.push('-X', method);
  parts.push(shellWord(`${window.location.origin}${apiUrl}`), '-H', '"Authorization: Bearer $EVIDENCED_API_KEY"');
  if (body !== undefined) parts.push('-H', "'Content-Type: application/json'", '-d', shellWord(JSON.stringify(body)));
  return parts.join(' ');
}

/** A command of the program with its flags; flags without a value are left out, those with several are repeated. */
export function commandOf(words: string, flags: Record<string, string | string[] | undefined> = {}): string {
  const parts = ['evidenced', words];
  for (const [flag, value] of Object.entries(flags)) {
    for (const each of [value ?? []].flat()) parts.push(`--${flag}`, shellWord(each));
  }
  return parts.join(' ');
}

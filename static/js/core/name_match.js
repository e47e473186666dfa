/** How well a few letters fit a name. Pure; the switcher and the completion of names use it. */

/**
 * 3 it starts so, 2 a word of it does, 1 they come in this order, 0 not.
 * @param {string} name
 * @param {string} letters
 */
export function matchScore(name, letters) {
  const text = name.toLocaleLowerCase();
  const sought = letters.trim().toLocaleLowerCase().replace(/^[#@]/u, "");
  if (text.startsWith(sought)) return 3;
  if (text.split(/[\s._-]+/u).some((word) => word.startsWith(sought))) return 2;
  let at = 0;
  for (const letter of text) if (letter === sought[at]) at += 1;
  return at === sought.length ? 1 : 0;
}

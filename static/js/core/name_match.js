/** Scores how well typed letters match a name, for the room switcher and mention completion. Pure. */

/**
 * 3: the name starts with the letters; 2: one of its words does; 1: it has them in this order; 0: no match.
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

/** Finds words of the interface in a script that do not go through `t`, `tn` or `tNodes`. */
import ts from "typescript";

const WORD = /\p{L}{2}/u;
/** Literals anywhere that a person would read: a sentence, or words with a capital. */
const READABLE =
  /^\p{Lu}[\p{Ll}’']+(?:[\s.,:!?…]|$)|\p{L}{2,}[,.:]? \p{L}+|\{\} \p{L}{2,}|\p{L}{2,} \{\}/u;
const SELECTOR = /\[[a-z-]+(?:[~|^$*]?=|\])/u;
const TRANSLATING = new Set(["t", "tn", "tNodes"]);
/** Arguments of these are selectors, names or messages for developers. */
const UNREAD_CALLS = new Set([
  ...["querySelector", "querySelectorAll", "closest", "matches", "supports"],
  ...["Error", "TypeError", "RangeError", "CSS.supports", "matchMedia", "addEventListener"],
]);
/** Properties and attributes that people read. */
const SHOWN = new Set([
  ...["alt", "aria-label", "aria-description", "ariaLabel", "body", "hint", "label", "placeholder"],
  ...["text", "textContent", "title", "action", "empty", "note"],
]);

/**
 * @param {string} source
 * @returns {{ line: number, start: number, end: number, text: string }[]}
 */
export function outsideWords(source) {
  const file = ts.createSourceFile("a.js", source, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  /** @type {{ line: number, start: number, end: number, text: string }[]} */
  const found = [];
  /** @param {ts.Node} node */
  function visit(node) {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (isText(node)) {
      const text = written(node);
      if (isUntranslated(node, text))
        found.push({
          line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1,
          start: node.getStart(),
          end: node.getEnd(),
          text,
        });
    }
    ts.forEachChild(node, visit);
  }
  visit(file);
  return found;
}

/** @param {ts.Node} node @returns {node is ts.StringLiteralLike | ts.TemplateExpression} */
function isText(node) {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

/** The text with a sign for each value. @param {ts.StringLiteralLike | ts.TemplateExpression} node */
function written(node) {
  return ts.isStringLiteralLike(node)
    ? node.text
    : node.head.text + node.templateSpans.map((span) => `{}${span.literal.text}`).join("");
}

/** @param {ts.Node} node @param {string} text */
function isUntranslated(node, text) {
  if (!WORD.test(text) || SELECTOR.test(text) || isWithinCall(node, TRANSLATING) || isName(node))
    return false;
  return isShown(node) || READABLE.test(text);
}

/** @param {ts.Node} node @param {Set<string>} names */
function isWithinCall(node, names) {
  for (let at = node.parent; at && !ts.isStatement(at); at = at.parent)
    if (
      (ts.isCallExpression(at) || ts.isNewExpression(at)) &&
      names.has(calleeOf(at)) &&
      at.arguments?.some((each) => each.pos <= node.pos && node.end <= each.end)
    )
      return true;
  return false;
}

/** @param {ts.CallExpression | ts.NewExpression} call */
function calleeOf({ expression }) {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

/** A key, a case, an operand of a comparison, a tag, a selector. @param {ts.Node} node */
function isName(node) {
  const { parent } = node;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return true;
  if (ts.isCaseClause(parent) || ts.isElementAccessExpression(parent)) return true;
  if (ts.isBinaryExpression(parent) && /^[!=]==?$/.test(parent.operatorToken.getText()))
    return true;
  if (ts.isCallExpression(parent) && parent.arguments[0] === node && isElement(parent)) return true;
  return isDirectArgument(parent);
}

/** @param {ts.Node} parent */
function isDirectArgument(parent) {
  return (
    (ts.isCallExpression(parent) || ts.isNewExpression(parent)) &&
    UNREAD_CALLS.has(calleeOf(parent))
  );
}

/** @param {ts.CallExpression} call */
function isElement(call) {
  return ["el", "typed"].includes(calleeOf(call));
}

/** Whether it becomes text of an element or one of its attributes that people read. @param {ts.Node} node */
function isShown(node) {
  const { parent } = node;
  if (ts.isConditionalExpression(parent) && parent.condition !== node) return isShown(parent);
  if (ts.isBinaryExpression(parent)) {
    if (/^(\?\?|\|\||&&|\+)$/.test(parent.operatorToken.getText())) return isShown(parent);
    return parent.operatorToken.getText() === "=" && SHOWN.has(lastName(parent.left));
  }
  if (ts.isParenthesizedExpression(parent) || ts.isTemplateSpan(parent)) return isShown(parent);
  if (ts.isPropertyAssignment(parent)) return SHOWN.has(lastName(parent.name));
  return ts.isCallExpression(parent) && isElement(parent) && calleeOf(parent) === "el";
}

/** @param {ts.Node} node */
function lastName(node) {
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  return ts.isStringLiteral(node) || ts.isIdentifier(node) ? node.text : "";
}

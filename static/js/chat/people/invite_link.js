/** The dialog that makes an invite link to this server, with a copy button and a QR code. For admins. */
import { t, tn } from "../../core/i18n.js";
import { jsonRequest } from "../../core/json_request.js";
import { dialogForm, field, openDialog } from "../../core/ui/dialog.js";
import { el } from "../../core/ui/dom.js";
import { copyText } from "../../core/ui/prompts.js";
import { qrDrawing } from "./qr_drawing.js";

/** @typedef {{ link: string, uses: number, qr: string[] }} Invite */

const MOST_PEOPLE = 100;

/** @returns {Promise<void>} when the dialog is closed */
export function inviteLink() {
  const uses = field("uses", t("For how many people?"), { value: "10", required: true });
  const number = uses.querySelector("input");
  for (const [name, value] of Object.entries({ type: "number", min: "1", max: `${MOST_PEOPLE}` }))
    number?.setAttribute(name, value);
  const form = dialogForm(
    [uses],
    t("Make an invite link"),
    async ({ uses = "1" }) => {
      show(await jsonRequest("POST", "/api/invites", { uses: Number(uses) }));
    },
    () => {},
  );
  const body = el(
    "div.invite-link",
    el("p", t("With the link people make an account here by themselves. It works for a week.")),
    form,
  );
  const { closed } = openDialog(t("Invite people to this server"), [body]);
  /** @param {Invite} invite */
  function show(invite) {
    body.replaceChildren(...made(invite));
    /** @type {HTMLElement | null} */ (body.querySelector("button"))?.focus();
  }
  return closed;
}

/** @param {Invite} invite */
function made({ link, uses, qr }) {
  const id = "invite-link";
  return [
    ...(qr.length ? [qrDrawing(qr)] : []),
    el(
      "div.field",
      el("label", { for: id }, t("Invite link")),
      el("input.secret", {
        id,
        readonly: true,
        value: link,
        dir: "ltr",
        onfocus: (/** @type {FocusEvent} */ { target }) =>
          /** @type {HTMLInputElement} */ (target).select(),
      }),
      el(
        "span.hint",
        tn(
          "Works for {n} person, within a week. It isn’t shown again.",
          "Works for {n} people, within a week. It isn’t shown again.",
          uses,
        ),
      ),
    ),
    el(
      "div.dialog-foot",
      el("button.button", { type: "button", onclick: () => copyText(link) }, t("Copy the link")),
    ),
  ];
}

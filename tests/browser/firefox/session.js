/**
 * One short session in Firefox. Argument 1 is JSON: where Firefox and the server are, who signs in,
 * two rooms, and the token of a friend. Prints JSON: the steps that were done, and all problems.
 */
import { Visitor } from "./visitor.js";

const given = JSON.parse(process.argv[2] ?? "{}");
const visitor = await Visitor.arrives(given);
const { page } = visitor;

/** @param {string} room @param {string} text Sent there by the friend, through HTTP. */
async function friendSays(room, text) {
  const answer = await fetch(`${given.url}/api/rooms/${room}/messages`, {
    method: "POST",
    headers: { Authorization: `Bearer ${given.friend}`, "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}

const steps = {
  async "sign in"() {
    await visitor.goesTo("/login");
    await visitor.fills("#username", given.username);
    await visitor.fills("#password", given.password);
    await visitor.follows(() => page.keyboard.press("Enter"));
    await visitor.sees("#composer-text");
  },

  async "open a room"() {
    await visitor.click(`.room-link[href$="/${given.room}"]`);
    await visitor.isAt(`/rooms/${given.room}`);
    await visitor.sees('#status-line[data-phase="connected"]');
  },

  async "write and receive"() {
    // The composer has the focus by itself.
    await visitor.says("Hello from **Firefox**");
    await visitor.message("Hello from Firefox");
    await friendSays(given.room, "You are welcome");
    await visitor.message("welcome");
    await friendSays(given.other, `@${given.username}, look here`);
    await visitor.sees('[data-bell][aria-label="Notifications, 1 unread"]');
  },

  async reply() {
    await visitor.acts("welcome", "Reply");
    await visitor.says("Thank you");
    const reply = await visitor.message("Thank you");
    await visitor.reads(".quote", "welcome", reply);
  },

  async "react with any emoji"() {
    await visitor.acts("welcome", "React");
    await visitor.click('::-p-aria([name="More emoji"][role="button"])');
    await visitor.sees('::-p-aria([name="grinning face"][role="button"])');
    await page.keyboard.type("hedgeh");
    await visitor.click('::-p-aria([name="hedgehog"][role="button"])');
    await visitor.reads(".reaction", "🦔", await visitor.message("welcome"));
  },

  async "complete an emoji"() {
    await page.focus("#composer-text");
    await page.keyboard.type("well :tad");
    await visitor.sees('[role="option"][aria-selected="true"]');
    await page.keyboard.press("Enter");
    await visitor.says("done");
    await visitor.message("well 🎉 done");
  },

  async "edit and delete"() {
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type(" indeed");
    await page.keyboard.press("Enter");
    await visitor.message("well 🎉 done indeed");
    await visitor.acts("well 🎉 done indeed", "More actions");
    await visitor.click('::-p-aria([name="Delete"][role="menuitem"])');
    await visitor.presses(await visitor.sees("dialog[open]"), "Delete");
    await visitor.goneFrom("#messages", "well 🎉 done indeed");
  },

  async "switch room"() {
    await visitor.click(`.room-link[href$="/${given.other}"]`);
    await visitor.isAt(`/rooms/${given.other}`);
    await visitor.says("In another room");
    await visitor.message("In another room");
    await page.goBack();
    await visitor.isAt(`/rooms/${given.room}`);
    await visitor.message("Thank you");
  },

  async "search people"() {
    await visitor.pressesWith("Control", "k");
    await page.keyboard.type("cle");
    await visitor.reads('[role="option"][aria-selected="true"]', "cleo");
    await page.keyboard.press("Enter");
    await visitor.reads("#room-head h1", "cleo");
  },

  async settings() {
    await visitor.follows(() => visitor.click('.sidebar-me a[href="/settings"]'));
    for (const [theme, colour] of Object.entries({
      dark: "rgb(19, 20, 18)",
      light: "rgb(246, 245, 242)",
    })) {
      const saved = page.waitForResponse((answer) => answer.url().endsWith("/api/me/preferences"));
      await page.select('#preferences-form [name="theme"]', theme);
      await saved;
      await page.waitForFunction(
        (wanted) => getComputedStyle(document.documentElement).backgroundColor === wanted,
        {},
        colour,
      );
    }
  },

  async notifications() {
    await visitor.goesTo("/notifications");
    await visitor.reads("#inbox", "look here");
  },

  async analytics() {
    await visitor.goesTo("/admin/analytics");
    await visitor.reads("#live", "Live");
    await visitor.sees("#main-chart canvas");
    await visitor.click('#ranges [data-range="24h"]');
    await visitor.sees('#ranges [data-range="24h"][aria-pressed="true"]');
    await page.waitForFunction(() => !document.querySelector(".chart[aria-busy=true]"));
  },

  async "every other page"() {
    for (const path of given.pages) {
      await visitor.goesTo(path);
      await visitor.sees("#main h1");
    }
  },

  async "a small screen"() {
    const own = ["/settings", "/notifications", "/admin/analytics", `/rooms/${given.room}`];
    for (const path of [...given.pages, ...own]) await visitor.fitsOnAPhone(path);
  },

  async "sign out"() {
    await visitor.goesTo("/settings");
    await visitor.follows(() => visitor.click('form[action="/logout"] button'));
    await visitor.sees("#username");
  },
};

const done = [];
try {
  for (const [name, step] of Object.entries(steps)) {
    visitor.step = name;
    await step();
    done.push(name);
  }
} catch (error) {
  visitor.notes(error instanceof Error ? (error.stack ?? error.message) : String(error));
  await visitor.photographs(given.picture);
}
await visitor.leaves();
process.stdout.write(JSON.stringify({ done, problems: visitor.problems }));

/** A person at Firefox, driven through WebDriver BiDi, and everything that its console says. */
import puppeteer from "puppeteer-core";

const DESK = { width: 1280, height: 800 };
const WITHIN_MS = 15_000; // no claim about speed

// Much of what Firefox itself says about a page (deprecations, preloads) is in no event of BiDi.
const WRITTEN = `JSON.stringify(Services.console.getMessageArray()
  .filter((message) => message instanceof Ci.nsIScriptError)
  .map(({ category, errorMessage, sourceName, lineNumber, innerWindowID }) =>
    ({ category, text: errorMessage, source: sourceName, line: lineNumber, page: innerWindowID })))`;
// Makes Firefox say something: a proof that it is heard.
const SAY = () => new XMLHttpRequest().open("GET", "/", false);
const SAID = "Synchronous XMLHttpRequest";
const OF_FIREFOX = /^(chrome|resource|moz-extension):/;

export class Visitor {
  /** @param {{ firefox: string, url: string }} given */
  static async arrives({ firefox, url }) {
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: firefox,
      headless: true,
      args: ["--remote-allow-system-access"],
      defaultViewport: DESK,
    });
    return new Visitor(browser, await browser.newPage(), url);
  }

  /**
   * @param {import("puppeteer-core").Browser} browser
   * @param {import("puppeteer-core").Page} page
   * @param {string} url
   */
  constructor(browser, page, url) {
    this.browser = browser;
    this.page = page;
    this.url = url;
    this.step = "";
    /** @type {string[]} */
    this.problems = [];
    page.setDefaultTimeout(WITHIN_MS);
    page.on("console", (message) => this.notes(`console.${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => this.notes(`uncaught: ${error.stack ?? error}`));
    page.on("dialog", (dialog) => {
      this.notes(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      if (request.url().startsWith("http") && !request.url().startsWith(url))
        this.notes(`request to elsewhere: ${request.url()}`);
    });
    page.on("response", (answer) => {
      if (answer.status() >= 400) this.notes(`${answer.status()} for ${answer.url()}`);
    });
  }

  /** @param {string} problem */
  notes(problem) {
    this.problems.push(`${this.step}: ${problem}`);
  }

  /** @param {string} path */
  async goesTo(path) {
    await this.page.goto(this.url + path);
  }

  /** @param {() => Promise<void>} act Leads to another page. */
  async follows(act) {
    await Promise.all([this.page.waitForNavigation(), act()]);
  }

  /** @param {string} path */
  async isAt(path) {
    await this.page.waitForFunction((wanted) => location.pathname === wanted, {}, path);
  }

  /** @param {string} selector */
  async sees(selector, options = { visible: true }) {
    const element = await this.page.waitForSelector(selector, options);
    if (!element) throw new Error(`${selector} is not there`);
    return element;
  }

  /** @param {string} selector @param {string} text */
  async fills(selector, text) {
    await this.page.locator(selector).fill(text);
  }

  /** @param {string} selector */
  async click(selector) {
    await this.page.locator(selector).click();
  }

  /** @param {import("puppeteer-core").KeyInput} modifier @param {import("puppeteer-core").KeyInput} key */
  async pressesWith(modifier, key) {
    await this.page.keyboard.down(modifier);
    await this.page.keyboard.press(key);
    await this.page.keyboard.up(modifier);
  }

  /** @param {string} text Typed wherever the focus is, and sent. */
  async says(text) {
    await this.page.keyboard.type(text);
    await this.page.keyboard.press("Enter");
  }

  /** @param {string} text Of the message that is waited for, as sent. */
  async message(text) {
    return this.page.waitForFunction(
      (wanted) =>
        // Rooms that were left keep theirs in the page, out of sight.
        [
          ...document.querySelectorAll(
            "#messages :not(.is-away) > article.message:not(.is-sending)",
          ),
        ].find((each) => each.querySelector("[data-content]")?.textContent.includes(wanted)),
      {},
      text,
    );
  }

  /** @param {string} text @param {string} label Of a button of the message's toolbar. */
  async acts(text, label) {
    const message = await this.message(text);
    await message.hover();
    await this.presses(message, label);
  }

  /** @param {import("puppeteer-core").ElementHandle} within @param {string} label Of a button in it. */
  async presses(within, label) {
    const button = await within.waitForSelector(`::-p-aria([name="${label}"][role="button"])`);
    await button?.click();
  }

  /** @param {string} path Looks at the page on a small screen, and finds that it fits. */
  async fitsOnAPhone(path) {
    await this.page.setViewport({ width: 390, height: 844 });
    await this.goesTo(path);
    const width = await this.page.evaluate(() => document.documentElement.scrollWidth);
    if (width > 390) this.notes(`${path} is ${width} pixels wide on a phone`);
    await this.page.setViewport(DESK);
  }

  /**
   * @param {string} selector
   * @param {string} text Waited for in one of those elements.
   * @param {import("puppeteer-core").ElementHandle | null} within
   */
  async reads(selector, text, within = null) {
    await this.page.waitForFunction(
      (root, one, wanted) =>
        [...(root ?? document).querySelectorAll(one)].some((each) =>
          each.textContent.includes(wanted),
        ),
      {},
      within,
      selector,
      text,
    );
  }

  /** @param {string} selector @param {string} text */
  async goneFrom(selector, text) {
    await this.page.waitForFunction(
      (within, gone) => !document.querySelector(within)?.textContent.includes(gone),
      {},
      selector,
      text,
    );
  }

  /** @param {string} path */
  async photographs(path) {
    await this.page.screenshot({ path });
  }

  /** Read what Firefox wrote into its console about the pages, and close it. */
  async leaves() {
    this.step = "all of it";
    await this.page.evaluate(SAY);
    const written = await this.#written();
    if (!written.some(({ text }) => text.startsWith(SAID))) this.notes("the console is not read");
    for (const { category, text, source, line, page } of written) {
      const isOfPages = source.startsWith(this.url) || (page && !OF_FIREFOX.test(source));
      if (isOfPages && !text.startsWith(SAID))
        this.notes(`${category}: ${text} (${source}:${line})`);
    }
    await this.browser.close();
  }

  /** @returns {Promise<{ category: string, text: string, source: string, line: number, page: number }[]>} */
  async #written() {
    const { connection } = this.browser;
    const tree = await connection.send("browsingContext.getTree", { "moz:scope": "chrome" });
    const { result } = await connection.send("script.evaluate", {
      expression: WRITTEN,
      target: { context: tree.result.contexts[0].context },
      awaitPromise: false,
    });
    return JSON.parse(result.result.value);
  }
}

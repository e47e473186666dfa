/** Elects one tab of an account as its leader, by a Web Lock. */

export class TabLeader {
  #isAsking = false;
  /** The request whose lock we hold, by number. @type {number | null} */
  #held = null;
  #requests = 0;

  /**
   * @param {string} name
   * @param {(leads: boolean) => void} onChange
   * @param {LockManager | undefined} [locks] missing on a plain http address: then every tab leads,
   *   which costs repeats that the server recognises, and shows nothing twice
   */
  constructor(name, onChange, locks = navigator.locks) {
    this.#name = name;
    this.#onChange = onChange;
    this.#locks = locks;
  }

  #name;
  #onChange;
  #locks;
  leads = false;

  /** Lead as soon as no other tab does. */
  ask() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#request({});
  }

  /** Lead now: this is the tab where the person writes, others may sleep in the background. */
  take() {
    if (!this.leads) this.#request({ steal: true });
  }

  /** @param {LockOptions} options */
  #request(options) {
    if (!this.#locks) {
      this.#set(true);
      return;
    }
    this.#requests += 1;
    const request = this.#requests;
    this.#locks
      .request(this.#name, options, () => {
        if (!options.steal) this.#isAsking = false;
        this.#held = request;
        this.#set(true);
        return new Promise(() => {});
      })
      .catch((error) => this.#lost(request, error));
  }

  /** @param {number} request @param {DOMException} error */
  #lost(request, error) {
    // This tab stole the lock from its own earlier request.
    if (this.#held !== null && this.#held !== request) return;
    this.#held = null;
    // Any other error means that this browser grants no locks: then every tab leads.
    const isTaken = error.name === "AbortError";
    this.#set(!isTaken);
    if (isTaken) this.ask();
  }

  /** @param {boolean} leads */
  #set(leads) {
    this.leads = leads;
    this.#onChange(leads);
  }
}
